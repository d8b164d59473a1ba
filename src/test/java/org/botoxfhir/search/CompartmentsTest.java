package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Against the compartment definitions of R4, https://hl7.org/fhir/R4/compartmentdefinition.html. */
@ServiceTest
class CompartmentsTest {
  private static final ResourceKey ANN = new ResourceKey("Patient", "ann");

  @Autowired
  Compartments compartments;

  @Test
  void theOwnersOfRecordsHaveCompartments() {
    assertThat(compartments.owners())
        .containsExactly("Device", "Encounter", "Patient", "Practitioner");
    assertThat(compartments.members("Organization")).isEmpty();
  }

  @Test
  void whatSaysNothingOfAPatientIsNeverInThePatientsCompartment() {
    assertThat(compartments.members("Patient"))
        .contains(
            "Patient",
            "Procedure",
            "Observation",
            "AdverseEvent",
            "QuestionnaireResponse",
            "Provenance")
        .doesNotContain(
            "Task", "Location", "Organization", "Practitioner", "Medication", "ValueSet");
  }

  @Test
  void aTypeBelongsByEachReferenceThatTheDefinitionNamesAndTheOwnerByItself() {
    assertThat(compartments.ways(ANN, "Procedure")).as("patient, performer").hasSize(2);
    assertThat(compartments.ways(ANN, "MedicationAdministration"))
        .as("patient and subject are the same rows, performer")
        .hasSize(2);
    assertThat(compartments.ways(ANN, "Patient"))
        .as("itself, link")
        .hasSize(2)
        .first()
        .isInstanceOf(Criterion.Ids.class);
    assertThat(compartments.ways(ANN, "Task")).isEmpty();
  }
}
