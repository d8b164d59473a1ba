package org.botoxfhir.examples;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.triage.Detail;
import org.botoxfhir.triage.Injection;
import org.botoxfhir.triage.Moment;
import org.botoxfhir.triage.ReportedSymptom;
import org.botoxfhir.triage.RuleSet;
import org.botoxfhir.triage.Severity;
import org.botoxfhir.triage.Symptom;
import org.botoxfhir.triage.TriageFacts;
import org.botoxfhir.triage.Urgency;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.MedicationAdministration;
import org.hl7.fhir.r4.model.Procedure;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Questionnaire;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseItemComponent;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.Type;
import org.hl7.fhir.r4.model.ValueSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExamplesTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private static final Pattern POINTS = Pattern.compile("(\\d+) injection points? of ([0-9.]+) U");

  /** SNOMED CT codes of the clinical tables that the examples may use; a new one is looked up there first. */
  private static final Set<String> SNOMED = Set.of(
      // conditions, procedures, route, substance
      "427419006",
      "108691000119102",
      "74333002",
      "59026006",
      "404909007",
      "42803009",
      "78421000",
      "108890005",
      // muscles and regions
      "52927003",
      "31764008",
      "22823000",
      "11327007",
      "22688005",
      "81727001",
      "30608006",
      // sides
      "7771000",
      "24028007",
      "261129000",
      // symptoms and severities
      "11934000",
      "1137501002",
      "40739000",
      "50219008",
      "162290004",
      "24982008",
      "255604002",
      "1255665007",
      "24484000");

  private static final Set<String> ICD_10_CM = Set.of("G43.709", "I69.351", "G24.3", "G24.5");

  /** ISO/IEEE 11073-10101 codes of the muscles on no side; left is one more, right two. */
  private static final Set<Integer> MUSCLES =
      Set.of(459040, 459044, 459104, 459152, 459188, 459204, 459212, 459380, 459416, 459432);

  @ParameterizedTest
  @ValueSource(
      strings = {"chronic-migraine", "upper-limb-spasticity", "cervical-dystonia", "blepharospasm"})
  void everyReferenceOfAnExampleLeadsToAResourceOfItsBundle(String indication) {
    Bundle bundle = bundle(indication);
    Set<String> keys = bundle.getEntry().stream()
        .map(entry -> entry.getRequest().getUrl())
        .collect(Collectors.toSet());
    List<Resource> resources = new ArrayList<>(resources(bundle, Resource.class));
    resources.add(report(indication));
    resources.add(adverseEvent(indication));

    for (Resource resource : resources) {
      assertThat(FHIR.newTerser().getAllPopulatedChildElementsOfType(resource, Reference.class))
          .as(resource.fhirType())
          .extracting(Reference::getReference)
          .isSubsetOf(keys);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"chronic-migraine", "upper-limb-spasticity", "cervical-dystonia", "blepharospasm"})
  void loadingAnExampleTwiceIsLoadingItOnceSinceEveryEntryIsAPut(String indication) {
    Bundle bundle = bundle(indication);

    assertThat(bundle.getType()).isEqualTo(BundleType.TRANSACTION);
    assertThat(bundle.getEntry()).allSatisfy(entry -> {
      assertThat(entry.getRequest().getMethod()).isEqualTo(HTTPVerb.PUT);
      assertThat(entry.getRequest().getUrl())
          .isEqualTo(entry.getResource().fhirType() + "/"
              + entry.getResource().getIdElement().getIdPart());
    });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"chronic-migraine", "upper-limb-spasticity", "cervical-dystonia", "blepharospasm"})
  void everyCodeIsOneOfTheClinicalTables(String indication) {
    List<Resource> resources = new ArrayList<>(resources(bundle(indication), Resource.class));
    resources.add(report(indication));
    resources.add(adverseEvent(indication));
    Set<String> areas = new HashSet<>();
    for (var concept :
        shipped("CodeSystem-injection-area.json", CodeSystem.class).getConcept()) {
      areas.add(concept.getCode());
    }

    for (Resource resource : resources) {
      for (Coding coding :
          FHIR.newTerser().getAllPopulatedChildElementsOfType(resource, Coding.class)) {
        switch (coding.getSystem()) {
          case Canonical.SNOMED -> assertThat(SNOMED).contains(coding.getCode());
          case "http://hl7.org/fhir/sid/icd-10-cm" ->
            assertThat(ICD_10_CM).contains(coding.getCode());
          case "http://hl7.org/fhir/sid/ndc" ->
            assertThat(coding.getCode()).isIn("0023-1145-01", "0023-3921-02");
          case "urn:iso:std:iso:11073:10101" -> {
            int code = Integer.parseInt(coding.getCode());
            assertThat(MUSCLES)
                .contains(coding.getDisplay().endsWith(", left") ? code - 1 : code - 2);
          }
          case Canonical.BASE + "/CodeSystem/injection-area" ->
            assertThat(areas).contains(coding.getCode());
          case Canonical.BASE + "/CodeSystem/symptom-detail" ->
            assertThat(Detail.of(coding.getCode())).isPresent();
          default ->
            assertThat(coding.getSystem()).startsWith("http://terminology.hl7.org/CodeSystem/");
        }
      }
      for (Quantity quantity :
          FHIR.newTerser().getAllPopulatedChildElementsOfType(resource, Quantity.class)) {
        assertThat(quantity.getSystem()).isEqualTo(Canonical.UCUM);
        assertThat(quantity.getCode()).isIn("[arb'U]", "{vial}");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "chronic-migraine, 155, 31",
    "upper-limb-spasticity, 200, 6",
    "cervical-dystonia, 236, 7",
    "blepharospasm, 15, 6"
  })
  void dosesAndPointsAddUpToWhatTheProcedureSays(String indication, BigDecimal units, int points) {
    Bundle bundle = bundle(indication);
    Procedure injection = injection(bundle);
    BigDecimal sum = BigDecimal.ZERO;
    int count = 0;
    Set<String> sites = new HashSet<>();
    for (MedicationAdministration administration :
        resources(bundle, MedicationAdministration.class)) {
      BigDecimal dose = administration.getDosage().getDose().getValue();
      Matcher text = POINTS.matcher(administration.getDosage().getText());
      assertThat(text.matches()).isTrue();
      int pointsHere = Integer.parseInt(text.group(1));
      assertThat(new BigDecimal(text.group(2)).multiply(BigDecimal.valueOf(pointsHere)))
          .isEqualByComparingTo(dose);
      assertThat(new BigDecimal(text.group(2)))
          .as("units at one point")
          .isLessThanOrEqualTo(new BigDecimal(50));
      assertThat(administration.getPartOfFirstRep().getReference())
          .isEqualTo("Procedure/" + injection.getIdElement().getIdPart());
      assertThat(sites.add(administration.getDosage().getSite().getText()))
          .as("muscle and side once")
          .isTrue();
      sum = sum.add(dose);
      count += pointsHere;
    }

    assertThat(sum).isEqualByComparingTo(units);
    assertThat(count).isEqualTo(points);
    assertThat(injection.getNoteFirstRep().getText())
        .startsWith(
            "onabotulinumtoxinA, %s U in all at %d injection points.".formatted(units, points));
    assertThat(injection.getBodySite())
        .extracting(CodeableConcept::getText)
        .containsExactlyInAnyOrderElementsOf(sites);
  }

  @Test
  void theMigrainePatternIsTheFixedSiteOne() {
    Map<String, BigDecimal> units = new TreeMap<>();
    for (MedicationAdministration administration :
        resources(bundle("chronic-migraine"), MedicationAdministration.class)) {
      units.put(
          administration.getDosage().getSite().getText(),
          administration.getDosage().getDose().getValue());
    }

    Map<String, BigDecimal> expected =
        new TreeMap<>(Map.of("Procerus, midline", new BigDecimal(5)));
    Map.of(
            "Frontalis", 10,
            "Corrugator supercilii", 5,
            "Occipitalis", 15,
            "Temporalis", 20,
            "Trapezius", 15,
            "Cervical paraspinal muscles", 10)
        .forEach((muscle, dose) -> {
          expected.put(muscle + ", left", new BigDecimal(dose));
          expected.put(muscle + ", right", new BigDecimal(dose));
        });
    assertThat(units).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "chronic-migraine, URGENT",
    "upper-limb-spasticity, URGENT",
    "cervical-dystonia, EMERGENCY",
    "blepharospasm, URGENT"
  })
  void theReportIsAsUrgentAsTheClinicalTableSays(String indication, Urgency urgency) {
    QuestionnaireResponse report = report(indication);
    List<ReportedSymptom> symptoms = report.getItem().stream()
        .filter(item -> item.getLinkId().equals("symptom"))
        .map(ExamplesTest::symptom)
        .toList();
    Injection injection = new Injection(
        Moment.at(
            injection(bundle(indication)).getPerformedDateTimeType().getValue().toInstant()),
        false);

    assertThat(symptoms).isNotEmpty().extracting(ReportedSymptom::symptom).doesNotContainNull();
    assertThat(RuleSet.shipped()
            .triage(new TriageFacts(symptoms, Set.of(), List.of(injection)))
            .urgency())
        .isEqualTo(urgency);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"chronic-migraine", "upper-limb-spasticity", "cervical-dystonia", "blepharospasm"})
  void theReportAnswersTheShippedQuestionnaireWithItsCodes(String indication) {
    Questionnaire questionnaire =
        shipped("Questionnaire-botox-symptom-report.json", Questionnaire.class);
    Map<String, Questionnaire.QuestionnaireItemComponent> items = new TreeMap<>();
    questionnaire.getItem().forEach(item -> {
      items.put(item.getLinkId(), item);
      item.getItem().forEach(child -> items.put(child.getLinkId(), child));
    });
    Set<String> codes = new HashSet<>();
    for (var include : shipped("ValueSet-patient-reported-symptoms.json", ValueSet.class)
        .getCompose()
        .getInclude()) {
      include
          .getConcept()
          .forEach(concept -> codes.add(concept.getCode() + " " + concept.getDisplay()));
    }
    QuestionnaireResponse report = report(indication);
    List<QuestionnaireResponseItemComponent> answered = new ArrayList<>(report.getItem());
    report.getItem().forEach(item -> answered.addAll(item.getItem()));

    assertThat(report.getQuestionnaire()).isEqualTo(questionnaire.getUrl());
    assertThat(report.getIdentifier().getValue()).isNotEmpty();
    assertThat(answered)
        .extracting(QuestionnaireResponseItemComponent::getLinkId)
        .isSubsetOf(items.keySet());
    assertThat(answered)
        .filteredOn(item -> item.getLinkId().equals("symptom-code"))
        .allSatisfy(item -> {
          Coding coding = item.getAnswerFirstRep().getValueCoding();
          assertThat(codes).contains(coding.getCode() + " " + coding.getDisplay());
        });
    assertThat(report.getAuthored())
        .isAfter(injection(bundle(indication)).getPerformedDateTimeType().getValue());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"chronic-migraine", "upper-limb-spasticity", "cervical-dystonia", "blepharospasm"})
  void theClinicianRecordsTheAdverseEventAfterTheReportAndSuspectsTheInjection(String indication) {
    AdverseEvent event = adverseEvent(indication);
    QuestionnaireResponse report = report(indication);
    Set<String> reported = report.getItem().stream()
        .flatMap(item -> item.getItem().stream())
        .filter(item -> item.getLinkId().equals("symptom-code"))
        .map(item -> item.getAnswerFirstRep().getValueCoding().getCode())
        .collect(Collectors.toSet());

    assertThat(reported).contains(event.getEvent().getCodingFirstRep().getCode());
    assertThat(event.getRecordedDate()).isAfter(report.getAuthored());
    assertThat(event.getActuality()).isEqualTo(AdverseEvent.AdverseEventActuality.ACTUAL);
    assertThat(event.getSeverity().getCodingFirstRep().getCode())
        .isIn("mild", "moderate", "severe");
    assertThat(event.getOutcome().getCodingFirstRep().getCode())
        .isIn("resolved", "recovering", "ongoing", "resolvedWithSequelae", "fatal", "unknown");
    assertThat(event.getSuspectEntityFirstRep().getInstance().getReference())
        .isEqualTo("Procedure/" + injection(bundle(indication)).getIdElement().getIdPart());
  }

  private static ReportedSymptom symptom(QuestionnaireResponseItemComponent group) {
    Coding code = (Coding) answer(group, "symptom-code").getFirst();
    Coding severity = (Coding) answer(group, "symptom-severity").getFirst();
    Set<Detail> details = answer(group, "symptom-detail").stream()
        .map(value -> Detail.of(((Coding) value).getCode()).orElseThrow())
        .collect(Collectors.toSet());
    var onset = answer(group, "symptom-onset").getFirst().dateTimeValue().getValue();
    return new ReportedSymptom(
        Symptom.of(code.getSystem(), code.getCode()).orElseThrow(),
        Severity.of(severity.getCode()).orElseThrow(),
        details,
        Moment.at(onset.toInstant()));
  }

  private static List<Type> answer(QuestionnaireResponseItemComponent group, String linkId) {
    return group.getItem().stream()
        .filter(item -> item.getLinkId().equals(linkId))
        .flatMap(item -> item.getAnswer().stream())
        .map(QuestionnaireResponse.QuestionnaireResponseItemAnswerComponent::getValue)
        .toList();
  }

  private static Procedure injection(Bundle bundle) {
    return resources(bundle, Procedure.class).stream()
        .filter(procedure -> procedure.getCode().getCodingFirstRep().getCode().equals("404909007"))
        .findFirst()
        .orElseThrow();
  }

  private static <T extends Resource> List<T> resources(Bundle bundle, Class<T> type) {
    return bundle.getEntry().stream()
        .map(BundleEntryComponent::getResource)
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private static Bundle bundle(String indication) {
    return read("/examples/" + indication + ".json", Bundle.class);
  }

  private static QuestionnaireResponse report(String indication) {
    return read("/examples/" + indication + "-report.json", QuestionnaireResponse.class);
  }

  private static AdverseEvent adverseEvent(String indication) {
    return read("/examples/" + indication + "-adverse-event.json", AdverseEvent.class);
  }

  private static <T extends Resource> T shipped(String file, Class<T> type) {
    return read("/fhir-profiles/" + file, type);
  }

  private static <T extends Resource> T read(String path, Class<T> type) {
    IParser parser = FHIR.newJsonParser().setParserErrorHandler(new StrictErrorHandler());
    try (InputStream json =
        Objects.requireNonNull(ExamplesTest.class.getResourceAsStream(path), path)) {
      return parser.parseResource(type, json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
