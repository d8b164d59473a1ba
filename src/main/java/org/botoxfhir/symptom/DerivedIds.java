package org.botoxfhir.symptom;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.NameBasedGenerator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.botoxfhir.fhir.ResourceKey;

/**
 * Ids of what is derived from a report: the same for every version of it, so that a later version changes what an earlier one made.
 * They are UUIDs of version 8 (RFC 9562), 48 bits of which say that they come from here, so that a derived Observation is never taken
 * for a report of its own, whoever changes it.
 */
final class DerivedIds {
  private static final NameBasedGenerator NAMES =
      Generators.nameBasedGenerator(UUID.fromString("6d0b7f52-3c0f-4a0e-9f0b-6b1f5a3c2d11"));

  private static final long FROM_HERE = 0xb070_6e1d_e4f1_8000L;

  private static final String FROM_HERE_TEXT = "b0706e1d-e4f1-8";

  private static final long REST = 0xfffL;

  private DerivedIds() {}

  /** One key per symptom, in the same order. The same code reported twice is told apart by its place among its equals. */
  static List<ResourceKey> observations(ResourceKey report, SymptomReport read) {
    var keys = new ArrayList<ResourceKey>();
    Map<String, Integer> seen = new HashMap<>();
    for (SymptomAnswer answer : read.symptoms()) {
      String name = answer.coding() == null
          ? "in words"
          : answer.coding().getSystem() + "|" + answer.coding().getCode();
      int occurrence = seen.merge(name, 1, Integer::sum);
      keys.add(new ResourceKey("Observation", id(report, name + "|" + occurrence)));
    }
    return keys;
  }

  static ResourceKey adverseEvent(ResourceKey report) {
    return new ResourceKey("AdverseEvent", id(report, "adverse event"));
  }

  /** Of the Provenance of all that is derived. */
  static ResourceKey provenance(ResourceKey report) {
    return new ResourceKey("Provenance", id(report, "provenance"));
  }

  /** Whether a record has an id that was made here. */
  static boolean isDerived(ResourceKey key) {
    return key.id().startsWith(FROM_HERE_TEXT);
  }

  private static String id(ResourceKey report, String name) {
    UUID hash = NAMES.generate(report + "|" + name);
    return new UUID(
            FROM_HERE | (hash.getMostSignificantBits() & REST), hash.getLeastSignificantBits())
        .toString();
  }
}
