package org.botoxfhir.triage;

import java.util.List;

/**
 * How urgent a report is, and why. Advice on urgency, not a statement about the cause.
 *
 * @param rules every rule that fired, most urgent first; never empty
 * @param ruleSet version of the rules
 * @param withinWindow whether a symptom began within {@link Injection#WINDOW} after an injection
 */
public record TriageResult(
    Urgency urgency, List<FiredRule> rules, String ruleSet, boolean withinWindow) {
  public TriageResult {
    rules = List.copyOf(rules);
  }

  /**
   * A rule that fired.
   *
   * @param urgency the least urgency that it asks for
   * @param reason why, in plain words
   * @param source where the rule comes from
   */
  public record FiredRule(String id, Urgency urgency, String reason, String source) {}
}
