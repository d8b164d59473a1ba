package org.botoxfhir.triage;

import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.botoxfhir.triage.Criterion.Reported;
import org.botoxfhir.triage.TriageResult.FiredRule;

/** A version of the rules. Pure: the same facts give the same result. */
public final class RuleSet {
  private final String version;
  private final List<Rule> rules;

  /**
   * Refuses rules that could leave a report without a reason.
   *
   * @param version changes whenever a rule changes
   */
  RuleSet(String version, List<Rule> rules) {
    if (version.isBlank()) {
      throw new IllegalArgumentException("the rule set has no version");
    }
    var ids = new HashSet<String>();
    Set<Symptom> covered = EnumSet.noneOf(Symptom.class);
    boolean coversUnknown = false;
    boolean coversNothing = false;
    for (Rule rule : rules) {
      if (!ids.add(rule.id())) {
        throw new IllegalArgumentException("two rules are called %s".formatted(rule.id()));
      }
      if (rule.criterion() instanceof Reported reported) {
        covered.addAll(reported.symptoms());
      }
      coversUnknown |=
          rule.criterion() instanceof Criterion.NotUnderstood && rule.urgency() != Urgency.ROUTINE;
      coversNothing |= rule.criterion() instanceof Criterion.NothingReported
          && rule.urgency() != Urgency.ROUTINE;
    }
    if (!covered.equals(EnumSet.allOf(Symptom.class))) {
      throw new IllegalArgumentException(
          "no rule for %s alone".formatted(EnumSet.complementOf(EnumSet.copyOf(covered))));
    }
    if (!coversUnknown || !coversNothing) {
      throw new IllegalArgumentException("what is not understood must be urgent");
    }
    this.version = version;
    this.rules = List.copyOf(rules);
  }

  /** The rules that ship with the service. */
  public static RuleSet shipped() {
    return new RuleSet(RuleTable.VERSION, RuleTable.rules());
  }

  /** What the rules say of these facts. */
  public TriageResult triage(TriageFacts facts) {
    List<FiredRule> fired = rules.stream()
        .filter(rule -> rule.criterion().holds(facts))
        .map(rule -> new FiredRule(rule.id(), rule.urgency(), rule.reason(), rule.source()))
        .sorted(Comparator.comparing(FiredRule::urgency).reversed())
        .toList();
    Urgency urgency =
        fired.stream().map(FiredRule::urgency).reduce(Urgency.ROUTINE, Urgency::orMore);
    boolean withinWindow = facts.injections().stream()
        .anyMatch(injection -> facts.symptoms().stream()
            .anyMatch(reported -> injection.windowCovers(reported.onset())));
    return new TriageResult(urgency, fired, version, withinWindow);
  }

  List<Rule> rules() {
    return rules;
  }
}
