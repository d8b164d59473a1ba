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
sealed interface ReportRecord permits QuestionnaireReport {

  /** The report that a version of a resource is; empty when it is none, or one that was not sent or is withdrawn. */
  static Optional<ReportRecord> sent(ResourceKey key, @Nullable Resource version) {
    return version instanceof QuestionnaireResponse response
            && QuestionnaireReport.isSymptomReport(response)
            && QuestionnaireReport.SENT.contains(response.getStatus())
        ? Optional.of(new QuestionnaireReport(key, response))
        : Optional.empty();
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
