package org.botoxfhir.search;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.search.SearchQuery.Used;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of a history, R4 http.html#history.
 *
 * @param since only versions that were written then or later; null for any
 * @param at only versions that were current at some moment of it; null for any
 * @param count versions in a page; 0 asks for their number only
 * @param used the parameters that were used, for the links
 */
public record HistoryQuery(
    @Nullable Instant since, @Nullable DateInterval at, int count, List<Used> used) {

  /**
   * Reads the parameters of a history; those that only say how the answer looks are left to whoever writes it.
   *
   * @throws FaultException with {@link Fault.Invalid} that names what a history takes
   */
  public static HistoryQuery read(List<Used> given, FhirSettings settings) {
    Instant since = null;
    DateInterval at = null;
    int count = settings.defaultCount();
    List<Used> used = new ArrayList<>();
    for (Used one : given) {
      if (SearchQueryParser.PRESENTATION.contains(one.name())) {
        used.add(one); // the next page shall look like this one
        continue;
      }
      switch (one.name()) {
        case "_since" -> since = date(one).low();
        case "_at" -> at = date(one);
        case "_count" -> count = count(one, settings);
        case "_summary" -> count = one.value().equals("count") ? 0 : count;
        default ->
          throw new FaultException(Fault.invalid(
              "not-supported",
              "a history takes _since, _at, _count, _summary, _elements, not '%s'"
                  .formatted(one.name()),
              null));
      }
      used.add(one);
    }
    return new HistoryQuery(since, at, count, used);
  }

  static DateInterval date(Used parameter) {
    return DateInterval.parse(parameter.value())
        .orElseThrow(() -> new FaultException(Fault.invalid(
            "invalid",
            "'%s' of '%s' is no date; write for example 2026-11-22 or 2026-11-22T08:00:00Z, with + as %%2B"
                .formatted(parameter.value(), parameter.name()),
            null)));
  }

  /**
   * The value of a {@code _count}; one over the bound is taken for the bound.
   *
   * @throws FaultException with {@link Fault.Invalid}
   */
  public static int count(Used parameter, FhirSettings settings) {
    try {
      int number = Integer.parseInt(parameter.value());
      if (number >= 0) {
        return Math.min(number, settings.maxCount());
      }
    } catch (NumberFormatException notANumber) {
      // said below
    }
    throw new FaultException(Fault.invalid(
        "invalid",
        "_count '%s' is not a number; give 0 to %d"
            .formatted(parameter.value(), settings.maxCount()),
        null));
  }
}
