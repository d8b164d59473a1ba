package org.botoxfhir.symptom;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.symptom.SymptomReportData.CodeData;
import org.botoxfhir.symptom.SymptomReportData.InjectionData;
import org.botoxfhir.symptom.SymptomReportData.SymptomData;
import org.botoxfhir.symptom.SymptomReportData.TriageData;
import org.botoxfhir.triage.Detail;
import org.botoxfhir.triage.Severity;
import org.botoxfhir.triage.TriageResult;
import org.botoxfhir.triage.TriageResult.FiredRule;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.json.JsonMapper;

/** The event that tells of a version of a symptom report. */
final class SymptomReportEvent {
  static final String TOPIC = "botox.symptom-reports.v1";

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN).build();

  /** What a client sends as a code may be anything, a name or a sentence too; only what looks like a code leaves the house. */
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.\\-_]{0,31}");

  private static final Pattern SYSTEM =
      Pattern.compile("(https?://|urn:)[A-Za-z0-9.\\-_/:]{1,200}");

  /** What happened to the report. */
  enum Kind {
    SUBMITTED,
    AMENDED,
    RETRACTED;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    String type() {
      return "org.botoxfhir.symptom-report." + word() + ".v1";
    }
  }

  private SymptomReportEvent() {}

  static NewEvent of(
      Kind kind,
      ResourceKey report,
      long version,
      Instant time,
      String key,
      SymptomReportData data) {
    String subject = "%s/_history/%d".formatted(report, version);
    return new NewEvent(
        TOPIC,
        kind.type(),
        subject + "/" + kind.word(),
        subject,
        time,
        key,
        JSON.writeValueAsString(data),
        null);
  }

  static SymptomReportData data(
      ResourceKey report,
      long version,
      SymptomReport read,
      List<ResourceKey> observations,
      PatientHistory history,
      WrittenDate reported,
      TriageResult triage,
      @Nullable ResourceKey adverseEvent) {
    var symptoms = new ArrayList<SymptomData>();
    for (int index = 0; index < observations.size(); index++) {
      symptoms.add(symptom(read.symptoms().get(index), observations.get(index)));
    }
    InjectionData injection = history.injections().isEmpty()
        ? null
        : injection(history.injections().getFirst(), reported);
    return new SymptomReportData(
        report.toString(),
        version,
        history.patient() == null ? null : history.patient().toString(),
        history.onFile(),
        reported.text(),
        symptoms,
        injection,
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
        code(answer.coding()).orElse(null),
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
        code(injection.product()).orElse(null),
        injection.units(),
        injection.sites().stream().flatMap(site -> code(site).stream()).toList());
  }

  private static Optional<CodeData> code(@Nullable Coding coding) {
    if (coding == null || !coding.hasCode() || !CODE.matcher(coding.getCode()).matches()) {
      return Optional.empty();
    }
    String system = coding.getSystem();
    return system != null && !SYSTEM.matcher(system).matches()
        ? Optional.empty()
        : Optional.of(new CodeData(system, coding.getCode()));
  }
}
