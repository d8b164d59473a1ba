package org.botoxfhir.triage;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a rule fires. Nothing here asks for the absence of a symptom, a grade, a detail or a risk: more facts of these kinds can only
 * make more rules fire, so they never lower the urgency. The one exception is {@link NothingReadable}, which stands alone: a report
 * of which nothing is known may hold anything, so a routine symptom tells more than none.
 */
sealed interface Criterion {

  /**
   * One and the same reported symptom is among these, with one of the details and at least as bad as asked for.
   *
   * @param notUnderstood whether a symptom that is not understood is meant too
   * @param details empty when none is asked for
   * @param atLeast null when no grade is asked for
   */
  record Reported(
      Set<Symptom> symptoms,
      boolean notUnderstood,
      Set<Detail> details,
      @Nullable Severity atLeast) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      for (ReportedSymptom reported : facts.symptoms()) {
        if (isMeant(reported.symptom())
            && hasDetail(reported.details())
            && isBadEnough(reported.severity())) {
          return true;
        }
      }
      return false;
    }

    private boolean isMeant(@Nullable Symptom symptom) {
      return symptom == null ? notUnderstood : symptoms.contains(symptom);
    }

    private boolean hasDetail(Set<Detail> given) {
      if (details.isEmpty()) {
        return true;
      }
      for (Detail detail : given) {
        if (details.contains(detail)) {
          return true;
        }
      }
      return false;
    }

    private boolean isBadEnough(@Nullable Severity severity) {
      return atLeast == null || (severity != null && severity.compareTo(atLeast) >= 0);
    }
  }

  /** The report names no symptom that can be read. */
  record NothingReadable() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return facts.symptoms().isEmpty();
    }
  }

  /** The symptom is reported and is not the only one. */
  record NotAlone(Symptom symptom) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      boolean itself = false;
      boolean another = false;
      for (ReportedSymptom reported : facts.symptoms()) {
        itself |= reported.symptom() == symptom;
        another |= reported.symptom() != symptom;
      }
      return itself && another;
    }
  }

  /**
   * Signs of spread are reported from this many areas of the body, or more.
   *
   * @param signs where each symptom is felt that may be a sign of spread
   * @param areas at least 1
   */
  record SignsOfSpread(Map<Symptom, BodyArea> signs, int areas) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      var found = EnumSet.noneOf(BodyArea.class);
      for (ReportedSymptom reported : facts.symptoms()) {
        BodyArea area = reported.symptom() == null ? null : signs.get(reported.symptom());
        if (area != null) {
          found.add(area);
        }
      }
      return found.size() >= areas;
    }

    static SignsOfSpread of(Iterable<SymptomDefinition> definitions, int areas) {
      var signs = new EnumMap<Symptom, BodyArea>(Symptom.class);
      for (SymptomDefinition definition : definitions) {
        if (definition.signOfSpread()) {
          signs.put(definition.symptom(), definition.area());
        }
      }
      return new SignsOfSpread(signs, areas);
    }
  }

  /** One of these risks is known. */
  record AtRisk(Set<Risk> risks) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      for (Risk risk : risks) {
        if (facts.risks().contains(risk)) {
          return true;
        }
      }
      return false;
    }
  }

  /** No injection into the face is known: the fewer injections are on file, the more it fires. */
  record FaceNotInjected() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      for (Injection injection : facts.injections()) {
        if (injection.face()) {
          return false;
        }
      }
      return true;
    }
  }

  /** All of these hold. */
  record All(List<Criterion> criteria) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      for (Criterion criterion : criteria) {
        if (!criterion.holds(facts)) {
          return false;
        }
      }
      return true;
    }
  }

  /** At least one of these holds. */
  record Either(List<Criterion> criteria) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      for (Criterion criterion : criteria) {
        if (criterion.holds(facts)) {
          return true;
        }
      }
      return false;
    }
  }

  /** Whether it holds for these facts. */
  boolean holds(TriageFacts facts);
}
