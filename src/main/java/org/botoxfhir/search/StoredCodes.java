package org.botoxfhir.search;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.terminology.Coded;
import org.botoxfhir.terminology.Terminology;
import org.springframework.stereotype.Component;

/**
 * The codes that {@code :in}, {@code :not-in}, {@code :above} and {@code :below} stand for. What value set and code system do not say
 * completely is refused: a part of a value set would miss records without telling.
 */
@Component
class StoredCodes {
  /** Codes of one parameter. */
  private static final int MOST = 1000;

  private final Terminology terminology;

  StoredCodes(Terminology terminology) {
    this.terminology = terminology;
  }

  /**
   * The codes of a value set.
   *
   * @param name canonical URL, with or without a version, or {@code ValueSet/id}
   * @throws FaultException with {@link Fault.Invalid} when it is not known, or does not say its codes
   */
  List<TokenValue> inValueSet(String name) {
    Collection<Coded> codes = asked(() -> terminology.codes(name, MOST));
    bounded(name, codes.size());
    return codes.stream()
        .map(coded -> new TokenValue(coded.code(), coded.system()))
        .toList();
  }

  /** A code and those that it subsumes, as its code system on file has them. */
  List<TokenValue> below(String system, String code) {
    return related(system, code, asked(() -> terminology.below(new Coded(system, code))));
  }

  /** A code and those that subsume it, as its code system on file has them. */
  List<TokenValue> above(String system, String code) {
    return related(system, code, asked(() -> terminology.above(new Coded(system, code))));
  }

  private static List<TokenValue> related(String system, String code, Set<String> codes) {
    bounded(code, codes.size());
    return codes.stream().map(one -> new TokenValue(one, system)).toList();
  }

  private static void bounded(String name, int codes) {
    if (codes > MOST) {
      throw new FaultException(Fault.invalid(
          "too-costly",
          "'%s' stands for %d codes; a search takes %d".formatted(name, codes, MOST),
          null));
    }
  }

  /** What an operation would answer otherwise is a condition here that cannot be understood. */
  private static <T> T asked(Supplier<T> codes) {
    try {
      return codes.get();
    } catch (FaultException e) {
      throw new FaultException(
          switch (e.fault()) {
            case Fault.UnknownTerminology(var findings) -> new Fault.Invalid(findings);
            case Fault.TerminologyNotHere(var findings) -> new Fault.Invalid(findings);
            case Fault.Refused(var findings) -> new Fault.Invalid(findings);
            case Fault.NoCode(var system, var code) ->
              Fault.invalid("not-found", "'%s' is no code of '%s'".formatted(code, system), null);
            default -> e.fault();
          });
    }
  }
}
