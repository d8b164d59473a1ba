package org.botoxfhir.symptom;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.impl.NameBasedGenerator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.botoxfhir.fhir.ResourceKey;

/** Ids of what is derived from a report: the same for every version of it, so that a later version changes what an earlier one made. */
final class DerivedIds {
  private static final NameBasedGenerator NAMES =
      Generators.nameBasedGenerator(UUID.fromString("6d0b7f52-3c0f-4a0e-9f0b-6b1f5a3c2d11"));

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

  private static String id(ResourceKey report, String name) {
    return NAMES.generate(report + "|" + name).toString();
  }
}
