package org.botoxfhir.symptom;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.BaseDateTimeType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseStatus;
import org.hl7.fhir.r4.model.Reference;

/** A response to the questionnaire {@code botox-symptom-report}. */
record QuestionnaireReport(ResourceKey key, QuestionnaireResponse resource)
    implements ReportRecord {
  /** States that the patient stands by. One in progress, stopped or entered in error is not sent, or no longer. */
  static final Set<QuestionnaireResponseStatus> SENT =
      EnumSet.of(QuestionnaireResponseStatus.COMPLETED, QuestionnaireResponseStatus.AMENDED);

  static boolean isSymptomReport(QuestionnaireResponse response) {
    return response.hasQuestionnaire()
        && Canonical.names(response.getQuestionnaire(), Canonical.SYMPTOM_REPORT);
  }

  @Override
  public Reference subject() {
    return resource.getSubject();
  }

  @Override
  public BaseDateTimeType authored() {
    return resource.getAuthoredElement();
  }

  @Override
  public SymptomReport read() {
    return SymptomReportReader.read(resource);
  }

  @Override
  public List<ResourceKey> observations(SymptomReport read) {
    return DerivedIds.observations(key, read);
  }

  @Override
  public Map<ResourceKey, Observation> derived(SymptomReport read) {
    Map<ResourceKey, Observation> derived = new LinkedHashMap<>();
    List<ResourceKey> keys = observations(read);
    for (int index = 0; index < keys.size(); index++) {
      ResourceKey observation = keys.get(index);
      derived.put(
          observation,
          SymptomObservation.of(read.symptoms().get(index), observation, key, resource));
    }
    return derived;
  }
}
