package org.botoxfhir.triage;

import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * When a rule fires. Nothing here asks for the absence of a symptom, a grade, a detail or a risk: more facts of these kinds can only
 * make more rules fire, so they never lower the urgency.
 */
sealed interface Criterion {

  /** One of these symptoms is reported. */
  record Reported(Set<Symptom> symptoms) implements Criterion {
    public Reported {
      refuseEmpty(symptoms);
    }

    @Override
    public boolean holds(TriageFacts facts) {
      return any(facts, reported -> isOneOf(reported, symptoms));
    }
  }

  /** A symptom is reported whose code is not known, or in free words. */
  record NotUnderstood() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return any(facts, reported -> reported.symptom() == null);
    }
  }

  /** The report names no symptom that can be read. */
  record NothingReported() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return facts.symptoms().isEmpty();
    }
  }

  /** One of these symptoms comes with one of these details. */
  record Detailed(Set<Symptom> symptoms, Set<Detail> details) implements Criterion {
    public Detailed {
      refuseEmpty(symptoms);
      refuseEmpty(details);
    }

    @Override
    public boolean holds(TriageFacts facts) {
      return any(facts, reported -> isOneOf(reported, symptoms) && hasOneOf(reported, details));
    }
  }

  /** Any symptom at all, understood or not, comes with one of these details. */
  record AnyDetailed(Set<Detail> details) implements Criterion {
    public AnyDetailed {
      refuseEmpty(details);
    }

    @Override
    public boolean holds(TriageFacts facts) {
      return any(facts, reported -> hasOneOf(reported, details));
    }
  }

  /** One of these symptoms is severe. */
  record Severe(Set<Symptom> symptoms) implements Criterion {
    public Severe {
      refuseEmpty(symptoms);
    }

    @Override
    public boolean holds(TriageFacts facts) {
      return any(
          facts, reported -> isOneOf(reported, symptoms) && reported.severity() == Severity.SEVERE);
    }
  }

  /** Any symptom at all, understood or not, is severe. */
  record AnySevere() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return any(facts, reported -> reported.severity() == Severity.SEVERE);
    }
  }

  /** The symptom is reported and is not the only one. */
  record NotAlone(Symptom symptom) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return any(facts, reported -> reported.symptom() == symptom)
          && any(facts, reported -> reported.symptom() != symptom);
    }
  }

  /** A symptom that may be a sign of spread is reported. */
  record SignOfSpread() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return !areasOfSpread(facts).isEmpty();
    }
  }

  /** Signs of spread are reported from two body areas. */
  record SpreadOverTwoAreas() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return areasOfSpread(facts).size() > 1;
    }
  }

  /** The risk is known. */
  record AtRisk(Risk risk) implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return facts.risks().contains(risk);
    }
  }

  /** No injection into the face is known. */
  record FaceNotInjected() implements Criterion {
    @Override
    public boolean holds(TriageFacts facts) {
      return facts.injections().stream().noneMatch(Injection::face);
    }
  }

  /** All of these hold. */
  record All(List<Criterion> criteria) implements Criterion {
    public All {
      refuseEmpty(criteria);
    }

    @Override
    public boolean holds(TriageFacts facts) {
      return criteria.stream().allMatch(criterion -> criterion.holds(facts));
    }
  }

  /** At least one of these holds. */
  record Either(List<Criterion> criteria) implements Criterion {
    public Either {
      refuseEmpty(criteria);
    }

    @Override
    public boolean holds(TriageFacts facts) {
      return criteria.stream().anyMatch(criterion -> criterion.holds(facts));
    }
  }

  static Criterion reported(Symptom first, Symptom... others) {
    return new Reported(EnumSet.of(first, others));
  }

  static Criterion all(Criterion... criteria) {
    return new All(List.of(criteria));
  }

  static Criterion either(Criterion... criteria) {
    return new Either(List.of(criteria));
  }

  /** Whether it holds for these facts. */
  boolean holds(TriageFacts facts);

  private static void refuseEmpty(Collection<?> parts) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a criterion of no parts never fires, or always");
    }
  }

  private static boolean any(TriageFacts facts, Predicate<ReportedSymptom> test) {
    return facts.symptoms().stream().anyMatch(test);
  }

  private static boolean isOneOf(ReportedSymptom reported, Set<Symptom> symptoms) {
    Symptom symptom = reported.symptom();
    return symptom != null && symptoms.contains(symptom);
  }

  private static boolean hasOneOf(ReportedSymptom reported, Set<Detail> details) {
    return reported.details().stream().anyMatch(details::contains);
  }

  private static Set<BodyArea> areasOfSpread(TriageFacts facts) {
    var areas = EnumSet.noneOf(BodyArea.class);
    for (ReportedSymptom reported : facts.symptoms()) {
      Symptom symptom = reported.symptom();
      if (symptom != null && symptom.signOfSpread()) {
        areas.add(symptom.area());
      }
    }
    return areas;
  }
}
