package org.botoxfhir.symptom;

import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.EventIdentity;
import org.botoxfhir.symptom.SymptomReportData.InjectionData;
import org.botoxfhir.symptom.SymptomReportData.SymptomData;
import org.botoxfhir.symptom.SymptomReportData.TriageData;
import org.botoxfhir.triage.Detail;
import org.botoxfhir.triage.Severity;
import org.botoxfhir.triage.TriageResult;
import org.botoxfhir.triage.TriageResult.FiredRule;
import org.jspecify.annotations.Nullable;

/** The events of {@code botox.symptom-reports.v1}. */
final class SymptomReportEvent {
  static final String TOPIC = "botox.symptom-reports.v1";

  /** Of one injection; more would make an event too large for Kafka, and the Procedure has all. */
  private static final int MOST_SITES = 100;

  private static final String TYPES = "org.botoxfhir.symptom-report";

  private SymptomReportEvent() {}

  static EventIdentity identity(Telling.Kind kind, ResourceKey report, long version, String key) {
    String word = switch (kind) {
      case FIRST -> "submitted";
      case CHANGED -> "amended";
      case TAKEN_BACK -> "retracted";
    };
    return EventIdentity.of(TOPIC, TYPES, word, report, version, key);
  }

  /** @param version that the event tells of */
  static SymptomReportData data(
      Assessment assessment, long version, @Nullable ResourceKey adverseEvent) {
    PatientHistory history = assessment.history();
    TriageResult triage = assessment.triage();
    List<ResourceKey> observations = assessment.observations();
    var symptoms = new ArrayList<SymptomData>();
    for (int index = 0; index < observations.size(); index++) {
      symptoms.add(symptom(assessment.read().symptoms().get(index), observations.get(index)));
    }
    return new SymptomReportData(
        assessment.report().key().toString(),
        version,
        history.patient() == null ? null : history.patient().toString(),
        history.onFile(),
        assessment.reported().text(),
        symptoms,
        history.linked().stream()
            .map(injection -> injection(injection, assessment.reported()))
            .toList(),
        new TriageData(
            triage.urgency().code(),
            triage.rules().stream().map(FiredRule::id).toList(),
            triage.ruleSet(),
            triage.withinWindow()),
        adverseEvent == null ? null : adverseEvent.toString());
  }

  private static SymptomData symptom(SymptomAnswer answer, ResourceKey observation) {
    Severity grade = answer.grade();
    return new SymptomData(
        observation.toString(),
        CodeData.of(answer.coding()).orElse(null),
        grade == null ? null : grade.name().toLowerCase(Locale.ROOT),
        answer.began().map(WrittenDate::text).orElse(null),
        answer.ongoing(),
        answer.boxedWarning(),
        answer.details().stream().map(Detail::code).toList());
  }

  private static InjectionData injection(LinkedInjection injection, WrittenDate reported) {
    long days = ChronoUnit.DAYS.between(injection.performed().day(), reported.day());
    return new InjectionData(
        injection.procedure().toString(),
        injection.performed().text(),
        Math.max(0, days),
        CodeData.of(injection.product()).orElse(null),
        injection.units(),
        injection.sites().stream()
            .flatMap(site -> CodeData.of(site).stream())
            .limit(MOST_SITES)
            .toList());
  }
}
