package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.security.PatientPseudonym;
import org.botoxfhir.trace.Traces;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Settings under which reports would be lost or would tell who they are about do not start. */
class SymptomIntakeStartTest {
  private static final String KEY = "botox.events.pseudonym-key=made-up-and-long-enough-for-a-test";

  private final ApplicationContextRunner service = new ApplicationContextRunner()
      .withBean(FhirContext.class, FhirContext::forR4Cached)
      .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
      .withBean(Traces.class, Traces::off)
      .withUserConfiguration(
          Settings.class, ServedTypes.class, PatientPseudonym.class, SymptomReportDerivation.class);

  @Test
  void withoutAPseudonymKeyTheStartIsRefusedAndSaysWhatToSet() {
    service.run(context -> assertThat(context)
        .getFailure()
        .rootCause()
        .hasMessageContaining("botox.events.pseudonym-key must be set"));
  }

  @Test
  void withoutATypeThatAReportNeedsTheStartIsRefusedAndNamesIt() {
    service
        .withPropertyValues(
            KEY,
            "botox.fhir.types=QuestionnaireResponse,Observation,Patient,Condition,Procedure,MedicationAdministration")
        .run(context -> assertThat(context)
            .getFailure()
            .rootCause()
            .hasMessageContaining(
                "without AdverseEvent, Medication, which a symptom report needs"));
  }

  @Test
  void whereObservationsAreTakenAloneTheStartIsRefusedTooForASymptomMayBeAmongThem() {
    service
        .withPropertyValues(KEY, "botox.fhir.types=Observation,Patient")
        .run(context -> assertThat(context)
            .getFailure()
            .rootCause()
            .hasMessageContaining("botox.fhir.types serves Observation without AdverseEvent"));
  }

  @Test
  void withoutReportsNothingElseIsNeeded() {
    service
        .withPropertyValues(KEY, "botox.fhir.types=Patient")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @ConfigurationPropertiesScan("org.botoxfhir.security")
  @EnableConfigurationProperties(FhirSettings.class)
  static class Settings {}
}
