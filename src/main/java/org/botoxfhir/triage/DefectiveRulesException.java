package org.botoxfhir.triage;

import java.util.List;

/** The rule file cannot be trusted to raise every alert; the message names file, line, rule and defect of each. */
public final class DefectiveRulesException extends IllegalStateException {
  private static final long serialVersionUID = 1;

  DefectiveRulesException(List<String> defects) {
    super("the triage rules are not safe to use:\n  " + String.join("\n  ", defects));
  }
}
