package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeSearchParam;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.r4.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r4.model.Enumerations.SearchParamType;
import org.hl7.fhir.r4.model.SearchParameter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Which search parameters of ours the service starts with. */
class CustomParametersTest {
  private static final FhirContext FHIR = FhirContext.forR4();
  private final CustomParameters parameters = new CustomParameters(FHIR, FHIR.newFhirPath());

  private static SearchParameter definition(String code, String base, String expression) {
    SearchParameter definition = new SearchParameter();
    definition.setId("made-up");
    definition.setUrl("https://botoxfhir.org/fhir/SearchParameter/made-up");
    definition.setStatus(PublicationStatus.ACTIVE);
    definition.setCode(code);
    definition.addBase(base);
    definition.setType(SearchParamType.TOKEN);
    definition.setExpression(expression);
    return definition;
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      colour; Patiend; Patient.gender; has the base 'Patiend', which is no R4 resource type
      colour; Patient; Patient.gender.(; which cannot be parsed
      colour; Patient; Patient.colour; has the expression 'Patient.colour', and Patient has no element 'colour'
      colour; Patient; Patient.name.colour.first(); and HumanName has no element 'colour'
      colour; Patient; Observation.code; has the expression 'Observation.code', which begins with none of its bases
      colour; Patient; gender; has the expression 'gender', which begins with none of its bases
      colour; Patient; ; has no expression
      gender; Patient; Patient.gender; has the code 'gender', by which R4 searches Patient already
      _colour; Patient; Patient.gender; has the code '_colour'; expected a small letter
      co.lour; Patient; Patient.gender; has the code 'co.lour'; expected a small letter
      ; Patient; Patient.gender; has the code 'null'; expected a small letter
      """)
  void oneThatCannotBeSearchedByIsRefusedWithItsFileAndTheReason(
      String code, String base, String expression, String how) {
    refused(definition(code, base, expression), how);
  }

  @ParameterizedTest
  @EnumSource(
      value = SearchParamType.class,
      names = {"COMPOSITE", "SPECIAL"})
  void oneOfAKindThatOnlyR4HasIsRefused(SearchParamType kind) {
    refused(
        definition("colour", "Patient", "Patient.gender").setType(kind),
        "can only be one of R4's own");
  }

  @Test
  void aReferenceWithoutATargetOrToWhatDoesNotExistIsRefused() {
    SearchParameter reference = definition("doctor", "Patient", "Patient.generalPractitioner")
        .setType(SearchParamType.REFERENCE);
    refused(reference, "is a reference and has no target");
    reference.addTarget("Doctor");
    refused(reference, "has the target 'Doctor', which is no R4 resource type");
  }

  @Test
  void twoOfOneCodeForOneTypeAreRefused() {
    SearchParameter one = definition("colour", "Patient", "Patient.gender");
    assertThatIllegalStateException()
        .isThrownBy(() -> parameters.of(List.of(one, one.copy())))
        .withMessageContaining("fhir-profiles/SearchParameter-made-up.json")
        .withMessageContaining("'colour', which another of these files has for Patient");
  }

  @Test
  void aBaseThatTheExpressionDoesNotSpeakOfIsRefused() {
    SearchParameter definition = definition("colour", "Patient", "Patient.gender");
    definition.addBase("Observation");
    refused(definition, "has no expression for its base Observation");
  }

  @Test
  void ofSeveralBasesEachGetsItsPartOfTheExpression() {
    SearchParameter definition = definition(
        "colour",
        "Patient",
        "Patient.gender | (Observation.value as CodeableConcept) | Observation.extension.where(url='x|y').value");
    definition.addBase("Observation");

    Map<String, List<RuntimeSearchParam>> read = parameters.of(List.of(definition));

    assertThat(read).containsOnlyKeys("Observation", "Patient");
    assertThat(read.values().stream().flatMap(List::stream).map(RuntimeSearchParam::getPath))
        .containsExactly(
            "(Observation.value as CodeableConcept) | Observation.extension.where(url='x|y').value",
            "Patient.gender");
  }

  @Test
  void aRetiredOneIsLeftOut() {
    SearchParameter retired = definition("colour", "Patient", "Patient.gender");
    retired.setStatus(PublicationStatus.RETIRED);
    assertThat(parameters.of(List.of(retired))).isEmpty();
  }

  private void refused(SearchParameter definition, String how) {
    assertThatIllegalStateException()
        .isThrownBy(() -> parameters.of(List.of(definition)))
        .withMessageStartingWith("fhir-profiles/SearchParameter-made-up.json ")
        .withMessageContaining(how);
  }
}
