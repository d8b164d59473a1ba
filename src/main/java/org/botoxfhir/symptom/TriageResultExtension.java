package org.botoxfhir.symptom;

import java.util.Locale;
import java.util.Optional;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.TriageResult;
import org.botoxfhir.triage.TriageResult.FiredRule;
import org.botoxfhir.triage.Urgency;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.StringType;

/** The extension {@code triage-result}, so that the answer to the report tells the patient what to do. */
final class TriageResultExtension {
  private TriageResultExtension() {}

  /** Puts the result into the report; what a client sent in its place goes. */
  static void set(Assessment assessment) {
    DomainResource report = assessment.report().resource();
    remove(report);
    TriageResult triage = assessment.triage();
    Extension result = report.addExtension().setUrl(Canonical.TRIAGE_RESULT);
    result.addExtension("urgency", urgency(triage.urgency()));
    result.addExtension("instruction", new StringType(assessment.instruction()));
    result.addExtension("withinWindow", new BooleanType(triage.withinWindow()));
    result.addExtension("ruleSet", new StringType(triage.ruleSet()));
    for (FiredRule fired : triage.rules()) {
      var rule = new Extension("rule");
      rule.addExtension("id", new CodeType(fired.id()));
      rule.addExtension("urgency", urgency(fired.urgency()));
      rule.addExtension("reason", new StringType(fired.reason()));
      rule.addExtension("source", new StringType(fired.source()));
      result.addExtension(rule);
    }
    for (ResourceKey procedure : assessment.history().procedures()) {
      result.addExtension("injection", new Reference(procedure.toString()));
    }
  }

  static boolean isIn(DomainResource report) {
    return report.hasExtension(Canonical.TRIAGE_RESULT);
  }

  /** Takes it out of a report that no longer counts. */
  static void remove(DomainResource report) {
    report.getExtension().removeIf(extension -> Canonical.TRIAGE_RESULT.equals(extension.getUrl()));
  }

  /** The instruction in a report that is on file; empty when it was never sent. */
  static Optional<String> instruction(DomainResource report) {
    return Optional.ofNullable(report.getExtensionByUrl(Canonical.TRIAGE_RESULT))
        .map(result -> result.getExtensionString("instruction"));
  }

  private static Coding urgency(Urgency urgency) {
    String code = urgency.code();
    return new Coding(
        Canonical.TRIAGE_URGENCY,
        code,
        code.substring(0, 1).toUpperCase(Locale.ROOT) + code.substring(1));
  }
}
