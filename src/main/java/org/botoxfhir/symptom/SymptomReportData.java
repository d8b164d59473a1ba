package org.botoxfhir.symptom;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The JSON value of an event of {@code botox.symptom-reports.v1}; its schema is {@code events/symptom-report.v1.schema.json}. Ids and
 * codes only.
 *
 * @param report reference of the report, without version
 * @param reportVersion version of the report that the event tells of
 * @param patient reference of the patient, or null when the report names none that this server could have
 * @param patientOnFile whether the patient is on file here
 * @param reportedAt when the report was made, as it says
 * @param injections those that the report may be about, latest first: all within whose window it or an onset lies, and the latest
 *     before the report in any case; one for each product that was given; empty when none is on file
 * @param adverseEvent reference of the candidate for a clinician to judge, or null
 */
record SymptomReportData(
    String report,
    long reportVersion,
    @Nullable String patient,
    boolean patientOnFile,
    String reportedAt,
    List<SymptomData> symptoms,
    List<InjectionData> injections,
    TriageData triage,
    @Nullable String adverseEvent) {

  /**
   * @param observation reference of the Observation
   * @param code null when the patient used free words, or what was sent in its place is no code
   * @param severity mild, moderate, severe, or null when not answered
   * @param onset as the patient wrote it, or null
   * @param ongoing null when not answered
   * @param details codes of the code system symptom-detail
   */
  record SymptomData(
      String observation,
      @Nullable CodeData code,
      @Nullable String severity,
      @Nullable String onset,
      @Nullable Boolean ongoing,
      boolean boxedWarning,
      List<String> details) {}

  /**
   * @param performed when it was given, as the Procedure says
   * @param daysSince whole days from then to the report, by the calendars of the writers
   * @param product null when none is coded
   * @param units sum in units of the product, or null when it is not known
   */
  record InjectionData(
      String procedure,
      String performed,
      long daysSince,
      @Nullable CodeData product,
      @Nullable BigDecimal units,
      List<CodeData> sites) {}

  /**
   * @param rules ids of the rules that fired, most urgent first
   * @param withinWindow whether a symptom began within 12 weeks after an injection
   */
  record TriageData(String urgency, List<String> rules, String ruleSet, boolean withinWindow) {}
}
