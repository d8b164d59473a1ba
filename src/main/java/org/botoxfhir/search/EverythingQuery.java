package org.botoxfhir.search;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.SearchQuery.Used;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of {@code $everything}, R4 patient-operation-everything.html.
 *
 * @param start only care that ended then or later; null for any
 * @param end only care that began then or earlier; null for any
 * @param since only records that were written then or later; null for any
 * @param types only these; empty for all
 * @param count resources in a page, at least 1
 * @param used the parameters that were used, for the links
 */
public record EverythingQuery(
    @Nullable Instant start,
    @Nullable Instant end,
    @Nullable Instant since,
    Set<String> types,
    int count,
    List<Used> used) {

  /** An operation's answer is not shortened. */
  private static final Set<String> PRESENTATION = Set.of("_format", "_pretty");

  /**
   * Reads the parameters; those that only say how the answer looks are left to whoever writes it.
   *
   * @throws FaultException with {@link Fault.Invalid} that names what the operation takes
   */
  public static EverythingQuery read(List<Used> given, FhirSettings settings, ServedTypes served) {
    Instant start = null;
    Instant end = null;
    Instant since = null;
    Set<String> types = new LinkedHashSet<>();
    int count = settings.maxCount();
    List<Used> used = new ArrayList<>();
    for (Used one : given) {
      if (PRESENTATION.contains(one.name())) {
        continue;
      }
      switch (one.name()) {
        case "start" -> start = HistoryQuery.date(one).low();
        case "end" -> end = HistoryQuery.date(one).high();
        case "_since" -> since = HistoryQuery.date(one).low();
        case "_count" -> count = Math.max(1, HistoryQuery.count(one, settings));
        case "_type" -> types.addAll(types(one, served));
        default ->
          throw new FaultException(Fault.invalid(
              "not-supported",
              "$everything takes start, end, _since, _type, _count, not '%s'".formatted(one.name()),
              null));
      }
      used.add(one);
    }
    return new EverythingQuery(start, end, since, types, count, used);
  }

  private static List<String> types(Used parameter, ServedTypes served) {
    List<String> types = SearchValues.alternatives(parameter.value());
    for (String type : types) {
      if (!served.serves(type)) {
        throw new FaultException(Fault.invalid(
            "not-supported",
            "'%s' of _type is not served here; served are: %s"
                .formatted(type, String.join(", ", served.all())),
            null));
      }
    }
    return types;
  }

  boolean wants(String type) {
    return types.isEmpty() || types.contains(type);
  }
}
