package org.botoxfhir.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.botoxfhir.triage.ClinicalCode;
import org.botoxfhir.triage.Detail;
import org.botoxfhir.triage.Severity;
import org.botoxfhir.triage.Symptom;
import org.botoxfhir.triage.Urgency;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionComponent;
import org.hl7.fhir.r4.model.ElementDefinition;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.Questionnaire;
import org.hl7.fhir.r4.model.Questionnaire.QuestionnaireItemComponent;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.r4.model.ValueSet.ConceptReferenceComponent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShippedDefinitionsTest {
  private static final FhirContext FHIR = strict();
  private static final List<MetadataResource> SHIPPED =
      ShippedDefinitions.read(FHIR, ShippedDefinitions.LOCATION);

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "{ \"resourceType\": ; is not FHIR R4",
        "{ \"resourceType\": \"ValueSet\", \"colour\": \"red\" }; is not FHIR R4",
        "{ \"resourceType\": \"Patient\", \"id\": \"x\" }; is a Patient and no definition",
        "{ \"resourceType\": \"ValueSet\" }; has no id",
        "{ \"resourceType\": \"ValueSet\", \"id\": \"x\", \"url\": \"https://elsewhere.example/x\" }; has the url 'https://elsewhere.example/x'",
        "{ \"resourceType\": \"ValueSet\", \"id\": \"x\", \"url\": \"https://botoxfhir.org/fhir/ValueSet/x\" }; has no version",
        "{ \"resourceType\": \"ValueSet\", \"id\": \"x\", \"url\": \"https://botoxfhir.org/fhir/ValueSet/x\", \"version\": \"1\" }; is not called ValueSet-x.json",
      })
  void aBrokenDefinitionStopsTheStartAndIsNamed(String json, String how, @TempDir Path folder)
      throws IOException {
    Files.writeString(folder.resolve("ValueSet-broken.json"), json);
    assertThatIllegalStateException()
        .isThrownBy(() -> ShippedDefinitions.read(FHIR, folder.toUri() + "*.json"))
        .withMessageContaining("fhir-profiles/ValueSet-broken.json " + how);
  }

  @Test
  void noDefinitionAtAllStopsTheStart(@TempDir Path folder) {
    assertThatIllegalStateException()
        .isThrownBy(() -> ShippedDefinitions.read(FHIR, folder.toUri() + "*.json"))
        .withMessageContaining("there are no definitions");
  }

  @Test
  void theQuestionnaireOffersExactlyTheSymptomsThatTriageKnows() {
    Set<String> offered = concepts("patient-reported-symptoms")
        .map(ConceptReferenceComponent::getCode)
        .collect(Collectors.toCollection(TreeSet::new));
    Set<String> known = new TreeSet<>();
    for (Symptom symptom : Symptom.values()) {
      symptom.codes().stream()
          .filter(code -> code.system().equals(Canonical.SNOMED))
          .map(ClinicalCode::code)
          .forEach(known::add);
    }
    assertThat(offered).isEqualTo(known);
  }

  @Test
  void eachSymptomHasAWordingOfThePatientAndTheClinicalTerm() {
    assertThat(concepts("patient-reported-symptoms")).allSatisfy(concept -> {
      assertThat(concept.getDisplay()).isNotBlank();
      Symptom symptom = Symptom.of(null, concept.getCode()).orElseThrow();
      assertThat(symptom.codes())
          .filteredOn(code -> code.code().equals(concept.getCode()))
          .extracting(ClinicalCode::term)
          .containsExactly(concept.getDesignationFirstRep().getValue());
    });
    assertThat(concepts("patient-reported-symptoms").map(ConceptReferenceComponent::getDisplay))
        .doesNotHaveDuplicates();
  }

  @Test
  void diplopiaIsDoubleVisionAndPtosisADroopingEyelid() {
    assertThat(wording("24982008")).isEqualTo("Double vision");
    assertThat(wording("11934000")).isEqualTo("Drooping eyelid");
    assertThat(wording("8011004")).contains("speech");
  }

  @Test
  void detailsSeveritiesAndUrgenciesAreThoseOfTriage() {
    assertThat(codes("symptom-detail"))
        .containsExactlyElementsOf(Stream.of(Detail.values()).map(Detail::code).toList());
    assertThat(codes("triage-urgency"))
        .containsExactlyInAnyOrderElementsOf(
            Stream.of(Urgency.values()).map(Urgency::code).toList());
    assertThat(concepts("symptom-severity").map(ConceptReferenceComponent::getCode))
        .containsExactlyElementsOf(
            Stream.of(Severity.values()).map(Severity::code).toList());
  }

  @Test
  void theLinkIdsOfTheQuestionnaireAreTheOnesThatTheIntakeReads() {
    Questionnaire questionnaire = definition(Questionnaire.class, "botox-symptom-report");
    assertThat(questionnaire.getUrl()).isEqualTo(Canonical.SYMPTOM_REPORT);
    assertThat(questionnaire.getItem())
        .extracting(QuestionnaireItemComponent::getLinkId)
        .containsExactly("emergency-notice", "symptom", "injection-date", "injection", "comment");
    QuestionnaireItemComponent symptom = questionnaire.getItem().get(1);
    assertThat(symptom.getRepeats()).isTrue();
    assertThat(symptom.getItem())
        .extracting(QuestionnaireItemComponent::getLinkId)
        .containsExactly(
            "symptom-code",
            "symptom-onset",
            "symptom-severity",
            "symptom-ongoing",
            "symptom-detail");
  }

  @Test
  void everyBindingAndAnswerListOfOursIsShipped() {
    Set<String> shipped =
        SHIPPED.stream().map(MetadataResource::getUrl).collect(Collectors.toSet());
    Stream<String> answers =
        definition(Questionnaire.class, "botox-symptom-report").getItem().stream()
            .flatMap(item -> item.getItem().stream())
            .filter(QuestionnaireItemComponent::hasAnswerValueSet)
            .map(QuestionnaireItemComponent::getAnswerValueSet);
    Stream<String> bindings = of(StructureDefinition.class)
        .flatMap(profile -> profile.getDifferential().getElement().stream())
        .filter(ElementDefinition::hasBinding)
        .map(element -> element.getBinding().getValueSet());
    Stream<String> systems = of(ValueSet.class)
        .flatMap(set -> set.getCompose().getInclude().stream())
        .map(include -> include.getSystem())
        .filter(system -> system.startsWith(Canonical.BASE));
    assertThat(Stream.of(answers, bindings, systems).flatMap(all -> all).toList())
        .isNotEmpty()
        .allSatisfy(url -> assertThat(shipped).contains(url));
  }

  @Test
  void theCountsOfCodeSystemsAreRight() {
    assertThat(of(CodeSystem.class))
        .isNotEmpty()
        .allSatisfy(system ->
            assertThat(system.getCount()).isEqualTo(system.getConcept().size()));
  }

  private static String wording(String code) {
    return concepts("patient-reported-symptoms")
        .filter(concept -> concept.getCode().equals(code))
        .map(ConceptReferenceComponent::getDisplay)
        .collect(Collectors.joining());
  }

  private static Stream<ConceptReferenceComponent> concepts(String valueSet) {
    return definition(ValueSet.class, valueSet).getCompose().getInclude().stream()
        .flatMap(include -> include.getConcept().stream());
  }

  private static List<String> codes(String codeSystem) {
    return definition(CodeSystem.class, codeSystem).getConcept().stream()
        .map(ConceptDefinitionComponent::getCode)
        .toList();
  }

  private static <T extends MetadataResource> T definition(Class<T> type, String id) {
    return of(type)
        .filter(definition -> definition.getIdElement().getIdPart().equals(id))
        .findFirst()
        .orElseThrow();
  }

  private static <T extends MetadataResource> Stream<T> of(Class<T> type) {
    return SHIPPED.stream().filter(type::isInstance).map(type::cast);
  }

  private static FhirContext strict() {
    FhirContext context = FhirContext.forR4();
    context.setParserErrorHandler(new StrictErrorHandler());
    return context;
  }
}
