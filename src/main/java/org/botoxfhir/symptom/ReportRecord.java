package org.botoxfhir.symptom;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** A record by which a patient reports symptoms, in a state in which it is sent: one to be triaged and published. */
sealed interface ReportRecord permits QuestionnaireReport, ObservationReport {

  /** The report that a version of a resource is; empty when it is none, or one that was not sent or is withdrawn. */
  static Optional<ReportRecord> sent(ResourceKey key, @Nullable Resource version) {
    return report(key, version).filter(report -> switch (report) {
      case QuestionnaireReport(var ignored, var response) ->
        QuestionnaireReport.SENT.contains(response.getStatus());
      case ObservationReport(var ignored, var observation) -> ObservationReport.isSent(observation);
    });
  }

  /** The report that a version of a resource is, sent or not; empty when it is none. */
  static Optional<ReportRecord> report(ResourceKey key, @Nullable Resource version) {
    return switch (version) {
      case QuestionnaireResponse response
      when QuestionnaireReport.isSymptomReport(response) ->
        Optional.of(new QuestionnaireReport(key, response));
      case Observation observation
      when ObservationReport.isSymptomReport(key, observation) ->
        Optional.of(new ObservationReport(key, observation));
      case null, default -> Optional.empty();
    };
  }

  ResourceKey key();

  DomainResource resource();

  Reference subject();

  /** When it was made, as it says; empty when it does not. */
  BaseDateTimeType authored();

  SymptomReport read();

  /** Keys of the Observations of its symptoms, in the order of the symptoms. */
  List<ResourceKey> observations(SymptomReport read);

  /** The Observations that are to be stored beside it, by key. */
  Map<ResourceKey, Observation> derived(SymptomReport read);
}
