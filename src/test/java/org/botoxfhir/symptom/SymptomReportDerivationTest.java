package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fault.Finding.Severity;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.resource.Change;
import org.botoxfhir.resource.EventIdentity;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteDerivation.Derived;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PatientPseudonym;
import org.botoxfhir.trace.Traces;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Condition;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Medication;
import org.hl7.fhir.r4.model.MedicationAdministration;
import org.hl7.fhir.r4.model.MedicationAdministration.MedicationAdministrationStatus;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Procedure;
import org.hl7.fhir.r4.model.Procedure.ProcedureStatus;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseItemComponent;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseStatus;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Type;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class SymptomReportDerivationTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();
  private static final ResourceKey REPORT = new ResourceKey("QuestionnaireResponse", "r1");
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final String DYSPNEA = "267036007";
  private static final String DYSPHAGIA = "40739000";
  private static final String PTOSIS = "11934000";
  private static final String DIPLOPIA = "24982008";
  private static final String NECK_PAIN = "81680005";
  private static final JsonSchema SCHEMA = Made.schema("symptom-report.v1.schema.json");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final PatientPseudonym pseudonym = Made.pseudonym();
  private final SymptomReportDerivation derivation =
      new SymptomReportDerivation(pseudonym, metrics, Traces.off(), () -> NOW, false);
  private final RecordsOnFile onFile = new RecordsOnFile();
  private final List<NewEvent> published = new ArrayList<>();

  /** Whatever a test sends: every event is as the schema says, and carries nothing but ids and codes. */
  @AfterEach
  void everyEventIsAsTheSchemaSays() {
    for (NewEvent event : published) {
      assertThat(SCHEMA.validate(event.data(), InputFormat.JSON)).isEmpty();
      assertThat(event.topic()).isEqualTo("botox.symptom-reports.v1");
      assertThat(event.key()).matches("[A-Za-z0-9_-]{43}");
    }
  }

  // What must never be lost

  @Test
  void aReportWithTroubleBreathingIsAnEmergencyEvenWithoutAnInjectionOnFile() {
    onFile.with(patient("1961-03-05"));
    Derived derived = derive(report(DYSPNEA));
    JsonNode data = data(derived);
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(data.get("injections")).isEmpty();
    assertThat(data.at("/triage/withinWindow").asBoolean()).isFalse();
    assertThat(warnings(derived))
        .anyMatch(text -> text.contains("no injection of botulinum toxin"));
  }

  @Test
  void aReportOfAnUnknownPatientIsPublishedAndSaysSo() {
    Derived derived = derive(report(DYSPNEA));
    JsonNode data = data(derived);
    assertThat(data.get("patientOnFile").asBoolean()).isFalse();
    assertThat(data.get("patient").asString()).isEqualTo("Patient/p1");
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(warnings(derived)).anyMatch(text -> text.contains("Patient/p1 is not on file"));
  }

  @Test
  void aReportWithoutASubjectIsPublishedWithoutASearch() {
    QuestionnaireResponse report = report(DYSPNEA);
    report.setSubject(null);
    Derived derived = derive(report);
    assertThat(onFile.asked()).isEmpty();
    assertThat(data(derived).get("patient").isNull()).isTrue();
    assertThat(warnings(derived)).anyMatch(text -> text.contains("no subject"));
    AdverseEvent candidate = written(derived, AdverseEvent.class).getFirst();
    assertThat(candidate.getSubject().getExtension()).isNotEmpty();
  }

  @Test
  void aSubjectElsewhereOrOfAnotherTypeIsPublishedWithoutAPatient() {
    for (String reference : List.of(
        "https://elsewhere.example/fhir/Patient/7", "Group/7", "urn:uuid:1", "Patient/..?x=y")) {
      QuestionnaireResponse report = report(DYSPNEA);
      report.setSubject(new Reference(reference));
      Derived derived = derive(report);
      assertThat(data(derived).get("patient").isNull()).isTrue();
      assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("emergency");
      assertThat(warnings(derived)).anyMatch(text -> text.contains("not a Patient of this server"));
    }
  }

  @Test
  void aSubjectThatIsOnlyAnIdentifierIsLookedUp() {
    Patient patient = patient("1961-03-05");
    patient.addIdentifier().setSystem("https://clinic.example/mrn").setValue("A,1|2");
    onFile.with(patient);
    QuestionnaireResponse report = report(PTOSIS);
    var subject = new Reference();
    subject.getIdentifier().setSystem("https://clinic.example/mrn").setValue("nobody");
    report.setSubject(subject);
    Derived derived = derive(report);
    assertThat(warnings(derived)).anyMatch(text -> text.contains("names no patient on file"));
    assertThat(published.getFirst().data()).doesNotContain("nobody");
    assertThat(published.getFirst().key()).isNotEqualTo(pseudonym.of("Patient/p1"));
  }

  @Test
  void anUnknownCodeCountsAsUrgentAndIsPassedOn() {
    onFile.with(patient("1961-03-05"));
    Derived derived = derive(report("999"));
    assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(data(derived).at("/symptoms/0/code/code").asString()).isEqualTo("999");
    assertThat(warnings(derived))
        .anyMatch(text -> text.contains("'999' of http://snomed.info/sct is not known"));
    assertThat(written(derived, AdverseEvent.class)).hasSize(1);
  }

  @Test
  void freeWordsCountAsUrgentAndNeverLeaveInTheEvent() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    symptom(report, new StringType("my tongue feels odd, says Jane"));
    Derived derived = derive(report);
    JsonNode data = data(derived);
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(data.at("/symptoms/0/code").isNull()).isTrue();
    assertThat(published.getFirst().data()).doesNotContain("tongue").doesNotContain("Jane");
    assertThat(written(derived, Observation.class).getFirst().getCode().getText())
        .contains("tongue");
  }

  @Test
  void aSentenceInTheCodeOrSystemNeverLeavesInTheEvent() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    symptom(report, new Coding("http://snomed.info/sct", "Jane Roe cannot breathe", null));
    symptom(report, new Coding("https://app.example/?patient=Jane", "x1", null));
    Derived derived = derive(report);
    assertThat(published.getFirst().data()).doesNotContain("Jane");
    assertThat(data(derived).at("/symptoms")).hasSize(2);
  }

  @Test
  void aKnownSymptomUnderAnUnknownLinkIdIsReadAsASymptom() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    item(report.addItem(), "what-happened", new Coding(Canonical.SNOMED, DYSPNEA, null));
    item(report.addItem(), "shoe-size", new IntegerType(43));
    Derived derived = derive(report);
    assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(warnings(derived))
        .anyMatch(
            text -> text.contains("linkId 'what-happened'") && text.contains("read as a symptom"))
        .anyMatch(text -> text.contains("linkId 'shoe-size'") && text.contains("not read"));
  }

  @Test
  void answersOutsideAGroupOrInsideAnAnswerAreUnderstood() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse flat = empty();
    item(flat.addItem(), "symptom-code", new Coding(Canonical.SNOMED, DYSPHAGIA, null));
    item(flat.addItem(), "symptom-detail", new Coding(LocalCodes.SYMPTOM_DETAIL, "choking", null));
    assertThat(data(derive(flat)).at("/triage/urgency").asString()).isEqualTo("emergency");

    QuestionnaireResponse nested = empty();
    var answer = nested.addItem().setLinkId("page-1").addAnswer().setValue(new BooleanType(true));
    item(
        answer.addItem().setLinkId("symptom").addItem(),
        "symptom-code",
        new Coding(Canonical.SNOMED, DYSPNEA, null));
    assertThat(data(derive(nested)).at("/triage/urgency").asString()).isEqualTo("emergency");
  }

  @Test
  void aReportWithoutASymptomIsUrgentAndHasNothingToCallAnAdverseEvent() {
    onFile.with(patient("1961-03-05"));
    Derived derived = derive(empty());
    assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(data(derived).at("/symptoms")).isEmpty();
    assertThat(derived.writes()).isEmpty();
    assertThat(warnings(derived)).anyMatch(text -> text.contains("no symptom that can be read"));
  }

  @Test
  void aSymptomGroupWithoutItsCodeIsStillASymptom() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = report(NECK_PAIN);
    item(report.addItem().setLinkId("symptom").addItem(), "symptom-ongoing", new BooleanType(true));
    report.addItem().setLinkId("symptom");
    Derived derived = derive(report);
    assertThat(data(derived).at("/symptoms")).hasSize(3);
    assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("urgent");
  }

  @Test
  void answersOfTheWrongTypeAreWarnedOfAndTheRestIsRead() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    var group = report.addItem().setLinkId("symptom");
    item(group.addItem(), "symptom-code", new Coding(Canonical.SNOMED, DYSPNEA, null));
    item(group.addItem(), "symptom-onset", new StringType("last night"));
    item(group.addItem(), "symptom-ongoing", new StringType("yes"));
    item(report.addItem(), "injection", new StringType("the last one"));
    Derived derived = derive(report);
    assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(warnings(derived))
        .anyMatch(text -> text.contains("'symptom-onset' is answered by"))
        .anyMatch(text -> text.contains("'symptom-ongoing' is answered by"))
        .anyMatch(text -> text.contains("'injection' is answered by"));
  }

  @Test
  void aSeverityThatIsNotUnderstoodIsTakenForSevere() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    var group = symptom(report, new Coding(Canonical.SNOMED, NECK_PAIN, null));
    item(group.addItem(), "symptom-severity", new StringType("11 of 10"));
    Derived derived = derive(report);
    assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(data(derived).at("/symptoms/0/severity").asString()).isEqualTo("severe");
    assertThat(warnings(derived)).anyMatch(text -> text.contains("taken for severe"));
    assertThat(written(derived, AdverseEvent.class).getFirst().hasSeverity()).isFalse();
  }

  @Test
  void aSymptomGivenAsADetailIsReadAsASymptom() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    var group = symptom(report, new Coding(Canonical.SNOMED, NECK_PAIN, null));
    item(group.addItem(), "symptom-detail", new Coding(Canonical.SNOMED, DYSPNEA, null));
    assertThat(data(derive(report)).at("/triage/urgency").asString()).isEqualTo("emergency");
  }

  @Test
  void swellingOfTheAirwayChosenAsASymptomIsAnEmergency() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    symptom(report, new Coding(LocalCodes.SYMPTOM_DETAIL, "face-or-airway-swelling", null));
    assertThat(data(derive(report)).at("/triage/urgency").asString()).isEqualTo("emergency");
  }

  // What is made of a report

  @Test
  void everySymptomBecomesAnObservationThatPointsToTheReport() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = empty();
    var group = symptom(report, new Coding(Canonical.SNOMED, PTOSIS, "Drooping eyelid"));
    item(group.addItem(), "symptom-onset", new DateTimeType("2026-11-20"));
    item(
        group.addItem(),
        "symptom-severity",
        new Coding(Canonical.SNOMED, "1255665007", "Moderate"));
    item(group.addItem(), "symptom-ongoing", new BooleanType(true));
    item(
        group.addItem(),
        "symptom-detail",
        new Coding(LocalCodes.SYMPTOM_DETAIL, "one-sided", null));
    symptom(report, new Coding(Canonical.SNOMED, NECK_PAIN, null));
    List<Observation> observations = written(derive(report), Observation.class);

    assertThat(observations).hasSize(2);
    Observation first = observations.getFirst();
    assertThat(first.getMeta().getProfile().getFirst().getValue())
        .isEqualTo(Canonical.PATIENT_REPORTED_SYMPTOM);
    assertThat(first.getStatus()).isEqualTo(ObservationStatus.FINAL);
    assertThat(first.getCategoryFirstRep().getCodingFirstRep().getCode()).isEqualTo("survey");
    assertThat(first.getCode().getCodingFirstRep().getDisplay()).isEqualTo("Ptosis of eyelid");
    assertThat(first.getCode().getText()).isEqualTo("Drooping eyelid");
    assertThat(first.getSubject().getReference()).isEqualTo("Patient/p1");
    assertThat(first.getEffectiveDateTimeType().getValueAsString()).isEqualTo("2026-11-20");
    assertThat(first.getIssuedElement().getValueAsString()).isEqualTo("2026-11-22T10:30:00+01:00");
    assertThat(first.getDerivedFromFirstRep().getReference()).isEqualTo("QuestionnaireResponse/r1");
    assertThat(first.getComponent())
        .extracting(component -> component.getCode().getCodingFirstRep().getCode())
        .containsExactly("severity", "ongoing", "detail");
  }

  @Test
  void theAnswerTellsThePatientWhatToDoNow() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = report(DIPLOPIA);
    report.addExtension(Canonical.TRIAGE_RESULT, new StringType("routine, says the client"));
    Derived derived = derive(report);
    assertThat(report.getExtensionsByUrl(Canonical.TRIAGE_RESULT)).hasSize(1);
    Extension triage = report.getExtensionByUrl(Canonical.TRIAGE_RESULT);
    assertThat(((Coding) triage.getExtensionByUrl("urgency").getValue()).getCode())
        .isEqualTo("urgent");
    String instruction = triage.getExtensionByUrl("instruction").getValue().primitiveValue();
    assertThat(instruction)
        .contains("today")
        .contains("Do not drive")
        .endsWith(
            "If you have trouble breathing, swallowing or speaking, call your emergency number now.")
        .doesNotContainIgnoringCase("diagnosis");
    assertThat(triage.getExtensionsByUrl("rule")).isNotEmpty();
    assertThat(derived.findings().getFirst())
        .isEqualTo(Finding.information("informational", instruction, null));
  }

  @Test
  void anUrgentSymptomMakesACandidateAdverseEventForAClinicianToJudge() {
    onFile.with(patient("1961-03-05"), injection("i1", "2026-11-13"));
    QuestionnaireResponse report = empty();
    symptom(report, new Coding(Canonical.SNOMED, NECK_PAIN, null));
    var group = symptom(report, new Coding(Canonical.SNOMED, DYSPHAGIA, "Trouble swallowing"));
    item(group.addItem(), "symptom-onset", new DateTimeType("2026-11-21T20:00:00+01:00"));
    item(group.addItem(), "symptom-severity", new Coding(Canonical.SNOMED, "24484000", null));
    Derived derived = derive(report);
    AdverseEvent candidate = written(derived, AdverseEvent.class).getFirst();
    assertThat(candidate.getMeta().getTag(LocalCodes.CONFIRMATION, "unconfirmed"))
        .isNotNull();
    assertThat(candidate.getActuality().toCode()).isEqualTo("potential");
    assertThat(candidate.getEvent().getCodingFirstRep().getCode()).isEqualTo(DYSPHAGIA);
    assertThat(candidate.getSubject().getReference()).isEqualTo("Patient/p1");
    assertThat(candidate.getRecorder().getReference()).isEqualTo("Patient/p1");
    assertThat(candidate.getSuspectEntityFirstRep().getInstance().getReference())
        .isEqualTo("Procedure/i1");
    assertThat(candidate.getDateElement().getValueAsString())
        .isEqualTo("2026-11-21T20:00:00+01:00");
    assertThat(candidate.hasSeriousness()).isFalse();
    assertThat(candidate.hasOutcome()).isFalse();
    assertThat(candidate.getSeverity().getCodingFirstRep().getCode()).isEqualTo("severe");
    assertThat(candidate.getExtensionsByUrl(LocalCodes.SYMPTOM_REPORT_EVIDENCE)).hasSize(3);
    assertThat(data(derived).get("adverseEvent").asString())
        .isEqualTo("AdverseEvent/" + candidate.getIdElement().getIdPart());
  }

  @Test
  void aRoutineReportMakesNoAdverseEvent() {
    onFile.with(patient("1961-03-05"));
    Derived derived = derive(report(NECK_PAIN));
    assertThat(written(derived, AdverseEvent.class)).isEmpty();
    assertThat(data(derived).get("adverseEvent").isNull()).isTrue();
    assertThat(metrics
            .get("botox.symptom.reports")
            .tag("urgency", "routine")
            .counter()
            .count())
        .isEqualTo(1);
  }

  @Test
  void theSameReportDerivesTheSameIdsAgainAndEqualCodesAreToldApart() {
    onFile.with(patient("1961-03-05"));
    List<ResourceKey> first = keys(derive(report(PTOSIS, PTOSIS, DYSPHAGIA)));
    List<ResourceKey> second = keys(derive(report(PTOSIS, PTOSIS, DYSPHAGIA)));
    assertThat(first).doesNotHaveDuplicates().isEqualTo(second);
    assertThat(published.getFirst().id()).isEqualTo(published.get(1).id());
  }

  // The injection

  @Test
  void theLatestInjectionBeforeTheReportIsLinkedWithItsDose() {
    onFile.with(
        patient("1961-03-05"),
        injection("old", "2026-05-01"),
        injection("latest", "2026-11-10T09:00:00+01:00"),
        injection("after", "2026-11-24"),
        injection("undone", "2026-11-20").setStatus(ProcedureStatus.NOTDONE),
        injection("mistaken", "2026-11-21").setStatus(ProcedureStatus.ENTEREDINERROR),
        given("latest", "100"),
        given("latest", "55.5"),
        given("latest", "7").setStatus(MedicationAdministrationStatus.NOTDONE),
        given("old", "300"));
    JsonNode injection = data(derive(report(PTOSIS))).at("/injections/0");
    assertThat(injection.get("procedure").asString()).isEqualTo("Procedure/latest");
    assertThat(injection.get("performed").asString()).isEqualTo("2026-11-10T09:00:00+01:00");
    assertThat(injection.get("daysSince").asInt()).isEqualTo(12);
    assertThat(injection.get("units").decimalValue()).isEqualByComparingTo("155.5");
    assertThat(injection.at("/product/code").asString()).isEqualTo("0023-1145-01");
    assertThat(injection.at("/sites/0/code").asString()).isEqualTo("22688005");
    assertThat(data(derive(report(PTOSIS))).at("/triage/withinWindow").asBoolean())
        .isTrue();
  }

  @Test
  void unitsOfTwoProductsAreNeverAdded() {
    MedicationAdministration other = given("i1", "250");
    other.setMedication(new CodeableConcept(
        new Coding("http://www.nlm.nih.gov/research/umls/rxnorm", "1789958", null)));
    onFile.with(patient("1961-03-05"), injection("i1", "2026-11-10"), given("i1", "100"), other);
    JsonNode injections = data(derive(report(PTOSIS))).get("injections");
    assertThat(injections).hasSize(2);
    assertThat(injections)
        .extracting(injection -> injection.get("procedure").asString() + " "
            + injection.at("/product/code").asString() + " "
            + injection.get("units").asString())
        .containsExactly("Procedure/i1 0023-1145-01 100", "Procedure/i1 1789958 250");
    AdverseEvent candidate = written(derive(report(PTOSIS)), AdverseEvent.class).getFirst();
    assertThat(candidate.getSuspectEntity()).hasSize(1);
  }

  @Test
  void twoVialSizesOfOneProductAddUp() {
    MedicationAdministration largerVial = given("i1", "200");
    largerVial.setMedication(
        new CodeableConcept(new Coding("http://hl7.org/fhir/sid/ndc", "0023-3921-02", null)));
    onFile.with(
        patient("1961-03-05"), injection("i1", "2026-11-10"), given("i1", "100"), largerVial);
    assertThat(data(derive(report(PTOSIS))).at("/injections/0/units").decimalValue())
        .isEqualByComparingTo("300");
  }

  @Test
  void unitsOfOneProductAddUpWhicheverCodeNamesItAndOursKeepProductsApart() {
    var vial = new Medication();
    vial.setId("vial");
    vial.setCode(
        new CodeableConcept(new Coding(LocalCodes.TOXIN_PRODUCT, "onabotulinumtoxinA", null)));
    MedicationAdministration ofTheVial = given("i1", "55");
    ofTheVial.setMedication(new Reference("Medication/vial"));
    MedicationAdministration other = given("i1", "250");
    other.setMedication(new CodeableConcept()
        .addCoding(new Coding("https://pharmacy.example", "4711", null))
        .addCoding(new Coding(LocalCodes.TOXIN_PRODUCT, "incobotulinumtoxinA", null)));
    onFile.with(
        patient("1961-03-05"),
        injection("i1", "2026-11-10"),
        vial,
        given("i1", "100"),
        ofTheVial,
        other);
    assertThat(data(derive(report(PTOSIS))).get("injections"))
        .extracting(injection -> injection.at("/product/code").asString() + " "
            + injection.get("units").asString())
        .containsExactly("0023-1145-01 155", "incobotulinumtoxinA 250");
  }

  @Test
  void aProductThatIsOnlyReferredToIsReadOnce() {
    var vial = new Medication();
    vial.setId("vial");
    vial.setCode(
        new CodeableConcept(new Coding("http://hl7.org/fhir/sid/ndc", "0023-1145-01", null)));
    MedicationAdministration left = given("i1", "10");
    left.setMedication(new Reference("Medication/vial"));
    MedicationAdministration right = given("i1", "11");
    right.setMedication(new Reference("Medication/vial"));
    onFile.with(patient("1961-03-05"), injection("i1", "2026-11-10"), vial, left, right);
    JsonNode injection = data(derive(report(PTOSIS))).at("/injections/0");
    assertThat(injection.at("/product/code").asString()).isEqualTo("0023-1145-01");
    assertThat(injection.get("units").decimalValue()).isEqualByComparingTo("21");
    assertThat(onFile.asked()).hasSize(5);
  }

  @Test
  void everyInjectionWithinTheWindowIsNamedLatestFirstEachWithItsOwnDose() {
    MedicationAdministration earlier = given("earlier", "300");
    earlier.setEffective(new DateTimeType("2026-09-20"));
    earlier.setMedication(new CodeableConcept(
        new Coding("http://www.nlm.nih.gov/research/umls/rxnorm", "1789958", null)));
    onFile.with(
        patient("1961-03-05"),
        injection("earlier", "2026-09-20"),
        injection("latest", "2026-11-10"),
        injection("long-ago", "2026-05-01"),
        given("latest", "155"),
        earlier);
    Derived derived = derive(report(PTOSIS));
    assertThat(data(derived).get("injections"))
        .extracting(injection -> injection.get("procedure").asString() + " "
            + injection.get("daysSince").asInt() + " "
            + injection.at("/product/code").asString() + " "
            + injection.get("units").asString())
        .containsExactly(
            "Procedure/latest 12 0023-1145-01 155", "Procedure/earlier 63 1789958 300");
    assertThat(written(derived, AdverseEvent.class).getFirst().getSuspectEntity())
        .extracting(suspect -> suspect.getInstance().getReference())
        .containsExactly("Procedure/latest", "Procedure/earlier");
  }

  @Test
  void anInjectionThatWasWithinTheWindowOfAnOnsetIsNamedThoughTheReportIsLate() {
    onFile.with(
        patient("1961-03-05"), injection("latest", "2026-11-10"), injection("then", "2026-07-01"));
    QuestionnaireResponse report = empty();
    item(
        symptom(report, new Coding(Canonical.SNOMED, PTOSIS, null)).addItem(),
        "symptom-onset",
        new DateTimeType("2026-07-20"));
    assertThat(data(derive(report)).get("injections"))
        .extracting(injection -> injection.get("procedure").asString())
        .containsExactly("Procedure/latest", "Procedure/then");
  }

  @Test
  void theLatestInjectionIsNamedHoweverLongAgoAndTheTagIsAbsent() {
    onFile.with(
        patient("1961-03-05"), injection("old", "2026-05-01"), injection("older", "2026-01-01"));
    JsonNode data = data(derive(report(DYSPNEA)));
    assertThat(data.get("injections"))
        .extracting(injection -> injection.get("procedure").asString())
        .containsExactly("Procedure/old");
    assertThat(data.at("/triage/withinWindow").asBoolean()).isFalse();
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("emergency");
  }

  @Test
  void moreInjectionsTakeNoMoreRoundTrips() {
    onFile.with(patient("1961-03-05"));
    for (int day = 1; day <= 20; day++) {
      var vial = new Medication();
      vial.setId("vial" + day);
      vial.setCode(
          new CodeableConcept(new Coding("http://hl7.org/fhir/sid/ndc", "0023-1145-01", null)));
      String date = "2026-11-%02d".formatted(day);
      MedicationAdministration given = given("i" + day, "10");
      given.setEffective(new DateTimeType(date));
      given.setMedication(new Reference("Medication/vial" + day));
      onFile.with(vial, injection("i" + day, date), given);
    }
    JsonNode data = data(derive(report(PTOSIS)));
    assertThat(data.get("injections"))
        .hasSize(20)
        .allMatch(injection -> injection.at("/product/code").asString().equals("0023-1145-01")
            && injection.get("units").asInt() == 10);
    assertThat(onFile.asked()).hasSize(5);
  }

  @Test
  void whereTooMuchWasGivenToLookThroughUnitsAreUnknownRatherThanTooFew() {
    onFile.with(
        patient("1961-03-05"), injection("i1", "2026-11-10"), injection("i2", "2026-10-10"));
    for (int dose = 0; dose < 300; dose++) {
      MedicationAdministration late = given("i1", "1");
      late.setId("late" + dose);
      MedicationAdministration early = given("i2", "1");
      early.setId("early" + dose);
      early.setEffective(new DateTimeType("2026-10-10"));
      onFile.with(late, early);
    }
    Derived derived = derive(report(PTOSIS));
    assertThat(data(derived).get("injections"))
        .extracting(injection -> injection.get("units").asString())
        .containsExactly("300", "");
    assertThat(warnings(derived))
        .anyMatch(text -> text.contains("units of 1 injections are not published"));
  }

  @Test
  void weaknessOfTheFaceAfterInjectionsIntoTheFaceIsRoutine() {
    Procedure face = injection("i1", "2026-11-10");
    face.addBodySite(
        new CodeableConcept(new Coding(LocalCodes.INJECTION_AREA, "corrugator", null)));
    onFile.with(patient("1961-03-05"), face);
    assertThat(data(derive(report("95666008"))).at("/triage/urgency").asString())
        .isEqualTo("routine");
    onFile.with(injection("i1", "2026-11-10"));
    assertThat(data(derive(report("95666008"))).at("/triage/urgency").asString())
        .isEqualTo("urgent");
  }

  @Test
  void dosesInOtherUnitsAreNotSummed() {
    MedicationAdministration anaesthetic = given("i1", "2");
    anaesthetic.getDosage().getDose().setCode("mL");
    onFile.with(
        patient("1961-03-05"), injection("i1", "2026-11-10"), given("i1", "100"), anaesthetic);
    assertThat(data(derive(report(PTOSIS))).at("/injections/0/units").decimalValue())
        .isEqualByComparingTo("100");
  }

  @Test
  void anInjectionOnTheSameDayOnTheOtherSideOfTheDateLineIsStillBeforeTheReport() {
    onFile.with(patient("1961-03-05"), injection("i1", "2026-11-22"));
    QuestionnaireResponse report = report(PTOSIS);
    report.setAuthoredElement(new DateTimeType("2026-11-22T08:00:00+13:00"));
    JsonNode data = data(derive(report));
    assertThat(data.at("/injections/0/procedure").asString()).isEqualTo("Procedure/i1");
    assertThat(data.at("/injections/0/daysSince").asInt()).isZero();
  }

  @Test
  void anInjectionThatThePatientNamesIsUsedEvenIfTheSearchDoesNotFindIt() {
    Procedure coded = injection("named", "2026-11-12");
    coded.setCode(new CodeableConcept().setText("in the clinic's own words"));
    onFile.with(patient("1961-03-05"), coded);
    QuestionnaireResponse report = report(PTOSIS);
    item(report.addItem(), "injection", new Reference("Procedure/named"));
    assertThat(data(derive(report)).at("/injections/0/procedure").asString())
        .isEqualTo("Procedure/named");
  }

  @Test
  void anInjectionThatIsNotThePatientsIsWarnedOfAndNotLinked() {
    Procedure others = injection("others", "2026-11-12");
    others.setSubject(new Reference("Patient/somebody-else"));
    onFile.with(patient("1961-03-05"), others);
    for (String reference :
        List.of("Procedure/others", "Procedure/nowhere", "Encounter/1", "not a reference")) {
      QuestionnaireResponse report = report(PTOSIS);
      item(report.addItem(), "injection", new Reference(reference));
      Derived derived = derive(report);
      assertThat(data(derived).get("injections")).isEmpty();
      assertThat(warnings(derived))
          .anyMatch(text -> text.contains("the injection that the report names"));
    }
  }

  @Test
  void theDayThatThePatientNamesServesTheWindowWhereNoProcedureIsOnFile() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = report(PTOSIS);
    item(report.addItem(), "injection-date", new DateType("2026-11-01"));
    JsonNode data = data(derive(report));
    assertThat(data.get("injections")).isEmpty();
    assertThat(data.at("/triage/withinWindow").asBoolean()).isTrue();
  }

  @Test
  void aReportTakesFourRoundTrips() {
    onFile.with(patient("1961-03-05"), injection("i1", "2026-11-10"), given("i1", "100"));
    derive(report(PTOSIS, DYSPHAGIA, NECK_PAIN));
    assertThat(onFile.asked()).hasSize(4);
  }

  // Risks

  @Test
  void aBoxedWarningSymptomWithMyastheniaOnFileIsAnEmergency() {
    onFile.with(patient("1961-03-05"), condition(Canonical.SNOMED, "91637004"));
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString())
        .isEqualTo("emergency");
  }

  @Test
  void aConditionThatWasRefutedIsNoRisk() {
    Condition refuted = condition(Canonical.SNOMED, "91637004");
    refuted.getVerificationStatus().addCoding().setCode("refuted");
    onFile.with(patient("1961-03-05"), refuted);
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString()).isEqualTo("urgent");
  }

  @Test
  void aBoxedWarningSymptomInAChildWithSpasticityIsAnEmergency() {
    onFile.with(patient("2018-03-05"), condition("http://hl7.org/fhir/sid/icd-10-cm", "G80.1"));
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString())
        .isEqualTo("emergency");
  }

  @Test
  void aChildOfUnknownIndicationIsTakenForTreatedForSpasticity() {
    onFile.with(patient("2018"));
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString())
        .isEqualTo("emergency");
  }

  @Test
  void aChildTreatedForBlepharospasmIsNot() {
    onFile.with(patient("2013-03-05"), condition(Canonical.SNOMED, "59026006"));
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString()).isEqualTo("urgent");
  }

  @Test
  void anAdultWithSpasticityIsNoChildButOneWithoutABirthDateMayBe() {
    onFile.with(patient("2008-11-22"), condition(Canonical.SNOMED, "221360009"));
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString()).isEqualTo("urgent");
    onFile.with(patient("2008-11-23"));
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString())
        .isEqualTo("emergency");
    onFile.with(patient(""));
    assertThat(data(derive(report(PTOSIS))).at("/triage/urgency").asString())
        .isEqualTo("emergency");
  }

  // The event

  @Test
  void theEventNamesTheVersionAndTheTimeOfTheReport() {
    onFile.with(patient("1961-03-05"));
    derive(report(PTOSIS));
    NewEvent event = published.getFirst();
    assertThat(event.type()).isEqualTo("org.botoxfhir.symptom-report.submitted.v1");
    assertThat(event.subject()).isEqualTo("QuestionnaireResponse/r1/_history/1");
    assertThat(event.id()).isEqualTo("QuestionnaireResponse/r1/_history/1/submitted");
    assertThat(event.time()).isEqualTo(Instant.parse("2026-11-22T09:30:00Z"));
    assertThat(event.key()).isEqualTo(pseudonym.of("Patient/p1")).doesNotContain("p1");
  }

  @Test
  void aReportThatDoesNotSayWhenIsTimedByItsArrival() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse report = report(PTOSIS);
    report.setAuthoredElement(null);
    assertThat(data(derive(report)).get("reportedAt").asString()).isEqualTo("2026-11-22T12:00:00Z");
    assertThat(published.getFirst().time()).isEqualTo(NOW);
  }

  @Test
  void theSchemaRefusesWhatDoesNotBelongInAnEvent() {
    onFile.with(patient("1961-03-05"));
    derive(report(PTOSIS));
    String data = published.getFirst().data();
    String leaking = data.replaceFirst("\\{", "{\"patientName\":\"Jane Roe\",");
    assertThat(SCHEMA.validate(leaking, InputFormat.JSON)).isNotEmpty();
    assertThat(SCHEMA.validate(
            data.replace("\"urgency\":\"urgent\"", "\"urgency\":\"maybe\""), InputFormat.JSON))
        .isNotEmpty();
    assertThat(SCHEMA.validate(data.replace("patientOnFile", "patientonfile"), InputFormat.JSON))
        .isNotEmpty();
  }

  @Test
  void theWorkedExamplesOfTheDocumentationAreAsTheSchemasSay() throws IOException {
    String documentation = Files.readString(Path.of("docs", "events.md"));
    List<String> examples = Pattern.compile("```json\n(.*?)```", Pattern.DOTALL)
        .matcher(documentation)
        .results()
        .map(example -> example.group(1))
        .toList();
    assertThat(examples).hasSize(2);
    assertThat(SCHEMA.validate(examples.getFirst(), InputFormat.JSON)).isEmpty();
    assertThat(Made.schema("adverse-event.v1.schema.json")
            .validate(examples.getLast(), InputFormat.JSON))
        .isEmpty();
  }

  // Which reports, and which are the same

  @ParameterizedTest
  @EnumSource(
      value = QuestionnaireResponseStatus.class,
      names = {"INPROGRESS", "STOPPED"})
  void aReportThatWasNotSentIsAnOrdinaryResource(QuestionnaireResponseStatus status) {
    QuestionnaireResponse report = report(DYSPNEA);
    report.setStatus(status);
    assertThat(derivation.concerns(REPORT, report)).isFalse();
  }

  @Test
  void aResponseToAnotherQuestionnaireIsAnOrdinaryResource() {
    QuestionnaireResponse report = report(DYSPNEA);
    report.setQuestionnaire(Canonical.SYMPTOM_REPORT + "-of-somebody-else");
    assertThat(derivation.concerns(REPORT, report)).isFalse();
    report.setQuestionnaire(null);
    assertThat(derivation.concerns(REPORT, report)).isFalse();
    assertThat(derivation.concerns(REPORT, new Patient())).isFalse();
    report.setQuestionnaire(Canonical.SYMPTOM_REPORT + "|1.0.0");
    assertThat(derivation.concerns(REPORT, report)).isTrue();
  }

  @Test
  void theIdentifierMakesAReportTheSameForTheSameSubject() {
    QuestionnaireResponse report = report(DYSPNEA);
    assertThat(derivation.identity(report)).isEmpty();
    report.getIdentifier().setSystem("https://app.example/reports").setValue("a b&c,1");
    assertThat(derivation.identity(report))
        .contains(
            "identifier=https%3A%2F%2Fapp.example%2Freports%7Ca%20b%26c%5C%2C1&subject=Patient/p1"
                + "&questionnaire=https%3A%2F%2Fbotoxfhir.org%2Ffhir%2FQuestionnaire%2Fbotox-symptom-report"
                + "&status=completed,amended,entered-in-error");
  }

  // Later versions

  @Test
  void anAmendedReportChangesItsObservationsAndCandidateAndPublishesAmended() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS, NECK_PAIN);
    Derived submitted = derive(first);
    store(first, submitted);

    QuestionnaireResponse second = report(PTOSIS, DYSPHAGIA);
    second.setStatus(QuestionnaireResponseStatus.AMENDED);
    Derived amended = derive(second, 2);
    store(second, amended);

    assertThat(published.get(1).type()).isEqualTo("org.botoxfhir.symptom-report.amended.v1");
    assertThat(published.get(1).subject()).isEqualTo("QuestionnaireResponse/r1/_history/2");
    assertThat(data(amended).at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(written(amended, Observation.class))
        .extracting(observation ->
            observation.getCode().getCodingFirstRep().getCode() + " " + observation.getStatus())
        .containsExactly(
            PTOSIS + " AMENDED", DYSPHAGIA + " AMENDED", NECK_PAIN + " ENTEREDINERROR");
    assertThat(keys(amended)).contains(keys(submitted).getFirst());
    assertThat(written(amended, AdverseEvent.class)).hasSize(1);
  }

  @Test
  void anAdverseEventThatAClinicianTookOverIsLeftAlone() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS);
    Derived submitted = derive(first);
    store(first, submitted);
    AdverseEvent confirmed = written(submitted, AdverseEvent.class).getFirst();
    confirmed.getMeta().getTag().clear();
    onFile.with(confirmed);

    Derived amended = derive(report(DYSPNEA), 2);
    assertThat(written(amended, AdverseEvent.class)).isEmpty();
    assertThat(data(amended).get("adverseEvent").asString())
        .isEqualTo("AdverseEvent/" + confirmed.getIdElement().getIdPart());
    QuestionnaireResponse mistake = report(DYSPNEA);
    mistake.setStatus(QuestionnaireResponseStatus.ENTEREDINERROR);
    assertThat(derive(mistake, 2).writes()).noneMatch(Write.Delete.class::isInstance);
  }

  @Test
  void aReportEnteredInErrorIsRetractedWithAllThatCameOfIt() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS, NECK_PAIN);
    store(first, derive(first));
    QuestionnaireResponse mistake = report(PTOSIS, NECK_PAIN);
    mistake.setStatus(QuestionnaireResponseStatus.ENTEREDINERROR);
    Derived retracted = derive(mistake, 2);
    assertThat(published.get(1).type()).isEqualTo("org.botoxfhir.symptom-report.retracted.v1");
    assertThat(published.get(1).key()).isEqualTo(published.getFirst().key());
    assertThat(written(retracted, Observation.class))
        .hasSize(2)
        .allMatch(observation -> observation.getStatus() == ObservationStatus.ENTEREDINERROR);
    assertThat(retracted.writes().getLast()).isInstanceOf(Write.Delete.class);
  }

  @Test
  void aDraftThatIsCompletedIsSubmittedAndADraftEnteredInErrorIsNoneOfItsBusiness() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse draft = report(PTOSIS);
    draft.setStatus(QuestionnaireResponseStatus.INPROGRESS);
    onFile.with(draft);
    derive(report(PTOSIS), 2);
    assertThat(published.getFirst().type()).isEqualTo("org.botoxfhir.symptom-report.submitted.v1");
    QuestionnaireResponse mistake = report(PTOSIS);
    mistake.setStatus(QuestionnaireResponseStatus.ENTEREDINERROR);
    assertThat(derivation.concerns(REPORT, mistake)).isFalse();
    assertThat(derivation.events(new Change(REPORT, 2, draft, mistake))).isEmpty();
    assertThat(derivation.events(new Change(REPORT, 2, draft, null))).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(
      value = QuestionnaireResponseStatus.class,
      names = {"INPROGRESS", "STOPPED", "ENTEREDINERROR"})
  void aReportThatIsNoLongerSentIsRetractedAndLosesItsTriageResult(
      QuestionnaireResponseStatus status) {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(DYSPNEA);
    store(first, derive(first));
    QuestionnaireResponse reopened = first.copy();
    reopened.setStatus(status);
    reopened.getItem().clear();
    Derived derived = derive(reopened, 2);
    assertThat(published.get(1).type()).isEqualTo("org.botoxfhir.symptom-report.retracted.v1");
    assertThat(data(derived).at("/symptoms/0/code/code").asString()).isEqualTo(DYSPNEA);
    assertThat(data(derived).get("reportVersion").asInt()).isEqualTo(2);
    assertThat(reopened.hasExtension(Canonical.TRIAGE_RESULT)).isFalse();
    assertThat(written(derived, Observation.class).getFirst().getStatus())
        .isEqualTo(ObservationStatus.ENTEREDINERROR);
    store(reopened, derived);

    Derived again = derive(report(DYSPNEA), 3);
    assertThat(published.get(2).type()).isEqualTo("org.botoxfhir.symptom-report.submitted.v1");
    assertThat(written(again, AdverseEvent.class)).hasSize(1);
    assertThat(written(again, Observation.class).getFirst().getStatus())
        .isEqualTo(ObservationStatus.FINAL);
  }

  @Test
  void aDeletedReportIsRetractedWithAllThatCameOfItAndSubmittedWhenItComesBack() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS);
    Derived submitted = derive(first);
    store(first, submitted);
    Derived deleted = derive(new Change(REPORT, 2, first, null));
    assertThat(published.get(1).id()).isEqualTo("QuestionnaireResponse/r1/_history/2/retracted");
    assertThat(data(deleted).get("adverseEvent").asString())
        .isEqualTo("AdverseEvent/"
            + written(submitted, AdverseEvent.class).getFirst().getIdElement().getIdPart());
    assertThat(deleted.writes()).hasSize(2).last().isInstanceOf(Write.Delete.class);
    onFile.without(REPORT);
    onFile.carryOut(deleted.writes());

    Derived back = derive(report(PTOSIS), 3);
    assertThat(published.get(2).id()).isEqualTo("QuestionnaireResponse/r1/_history/3/submitted");
    assertThat(written(back, AdverseEvent.class)).hasSize(1);
  }

  @Test
  void aReportThatBecomesAnAnswerToAnotherQuestionnaireIsRetracted() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS);
    store(first, derive(first));
    QuestionnaireResponse other = first.copy();
    other.setQuestionnaire("https://clinic.example/Questionnaire/satisfaction");
    derive(other, 2);
    assertThat(published.get(1).type()).isEqualTo("org.botoxfhir.symptom-report.retracted.v1");
  }

  @Test
  void aReportThatGoesOverToAnotherPatientIsRetractedForTheOneAndSubmittedForTheOther() {
    Patient other = patient("1970-01-01");
    other.setId("p2");
    onFile.with(patient("1961-03-05"), other);
    QuestionnaireResponse first = report(DYSPNEA);
    store(first, derive(first));
    QuestionnaireResponse moved = report(DYSPNEA);
    moved.setStatus(QuestionnaireResponseStatus.AMENDED);
    moved.setSubject(new Reference("Patient/p2"));
    List<NewEvent> events = derive(moved, 2).events();
    assertThat(events)
        .extracting(NewEvent::id)
        .containsExactly(
            "QuestionnaireResponse/r1/_history/2/retracted",
            "QuestionnaireResponse/r1/_history/2/submitted");
    assertThat(events)
        .extracting(NewEvent::key)
        .containsExactly(pseudonym.of("Patient/p1"), pseudonym.of("Patient/p2"));
    assertThat(events)
        .extracting(
            event -> JsonMapper.shared().readTree(event.data()).get("patient").asString())
        .containsExactly("Patient/p1", "Patient/p2");
  }

  // What a clinician has judged

  @Test
  void aCandidateThatAClinicianChangedIsLeftAloneEvenIfTheTagStays() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS);
    Derived submitted = derive(first);
    store(first, submitted);
    AdverseEvent candidate = written(submitted, AdverseEvent.class).getFirst();
    candidate.getSeriousness().addCoding().setCode("Serious");
    onFile.with(candidate);

    Derived amended = derive(report(DYSPNEA), 2);
    assertThat(written(amended, AdverseEvent.class)).isEmpty();
    assertThat(amended.findings()).anyMatch(found -> found.text().contains("changed by others"));
    assertThat(data(amended).get("adverseEvent").asString()).startsWith("AdverseEvent/");
    Derived deleted = derive(new Change(REPORT, 3, report(DYSPNEA), null));
    assertThat(deleted.writes()).noneMatch(Write.Delete.class::isInstance);
  }

  @Test
  void aCandidateThatAClinicianDeletedStaysDeletedAndTheGraverAmendmentIsStillPublished() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS);
    Derived submitted = derive(first);
    store(first, submitted);
    onFile.without(submitted.writes().getLast().key());

    Derived amended = derive(report(DYSPNEA), 2);
    store(report(DYSPNEA), amended);
    assertThat(written(amended, AdverseEvent.class)).isEmpty();
    assertThat(data(amended).at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(data(amended).get("adverseEvent").isNull()).isTrue();
    assertThat(amended.findings()).anyMatch(found -> found.text().contains("deleted by others"));

    QuestionnaireResponse mistake = report(DYSPNEA);
    mistake.setStatus(QuestionnaireResponseStatus.ENTEREDINERROR);
    store(mistake, derive(mistake, 3));
    assertThat(written(derive(report(DYSPNEA), 4), AdverseEvent.class)).isEmpty();
  }

  @Test
  void anObservationThatAClinicianAmendedOrDeletedIsLeftAlone() {
    onFile.with(patient("1961-03-05"));
    QuestionnaireResponse first = report(PTOSIS, NECK_PAIN, DYSPHAGIA);
    Derived submitted = derive(first);
    store(first, submitted);
    List<Observation> observations = written(submitted, Observation.class);
    Observation amended = observations.getFirst();
    amended.setStatus(ObservationStatus.CORRECTED);
    onFile.with(amended);
    onFile.without(
        new ResourceKey("Observation", observations.get(1).getIdElement().getIdPart()));

    assertThat(written(derive(report(PTOSIS, NECK_PAIN, DYSPHAGIA), 2), Observation.class))
        .extracting(observation -> observation.getCode().getCodingFirstRep().getCode())
        .containsExactly(DYSPHAGIA);
    Derived retracted = derive(new Change(REPORT, 3, report(PTOSIS, NECK_PAIN, DYSPHAGIA), null));
    assertThat(written(retracted, Observation.class))
        .extracting(observation -> observation.getCode().getCodingFirstRep().getCode())
        .containsExactly(DYSPHAGIA);
  }

  // The parts of these tests

  private Derived derive(QuestionnaireResponse report) {
    return derive(report, 1);
  }

  private Derived derive(QuestionnaireResponse report, long version) {
    Resource before = version > 1 ? onFile.current(REPORT).orElse(null) : null;
    return derive(new Change(REPORT, version, before, report));
  }

  /** Derives; whatever it is, the events are those that follow from the change alone. */
  private Derived derive(Change change) {
    Derived derived = derivation.derive(Access.anonymous(null, null), change, onFile);
    assertThat(derived.events())
        .extracting(NewEvent::id)
        .isEqualTo(derivation.events(change).stream().map(EventIdentity::id).toList());
    published.addAll(derived.events());
    // What cannot be encoded cannot be stored.
    derived.writes().forEach(write -> {
      if (write instanceof Write.Update update) {
        assertThat(FHIR.newJsonParser().encodeResourceToString(update.resource()))
            .contains(write.key().id());
      }
    });
    return derived;
  }

  private void store(QuestionnaireResponse report, Derived derived) {
    onFile.with(report);
    onFile.carryOut(derived.writes());
  }

  private static JsonNode data(Derived derived) {
    assertThat(derived.events()).hasSize(1);
    return JsonMapper.shared().readTree(derived.events().getFirst().data());
  }

  private static List<String> warnings(Derived derived) {
    return derived.findings().stream()
        .filter(finding -> finding.severity() == Severity.WARNING)
        .map(Finding::text)
        .toList();
  }

  private static List<ResourceKey> keys(Derived derived) {
    return derived.writes().stream().map(Write::key).toList();
  }

  private static <T extends Resource> List<T> written(Derived derived, Class<T> type) {
    return derived.writes().stream()
        .filter(Write.Update.class::isInstance)
        .map(write -> ((Write.Update) write).resource())
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }

  private static QuestionnaireResponse report(String... codes) {
    QuestionnaireResponse report = empty();
    for (String code : codes) {
      symptom(report, new Coding(Canonical.SNOMED, code, null));
    }
    return report;
  }

  private static QuestionnaireResponse empty() {
    var report = new QuestionnaireResponse();
    report.setId(REPORT.id());
    report.setQuestionnaire(Canonical.SYMPTOM_REPORT);
    report.setStatus(QuestionnaireResponseStatus.COMPLETED);
    report.setSubject(new Reference("Patient/p1"));
    report.setAuthoredElement(new DateTimeType("2026-11-22T10:30:00+01:00"));
    return report;
  }

  private static QuestionnaireResponseItemComponent symptom(
      QuestionnaireResponse report, Type code) {
    QuestionnaireResponseItemComponent group = report.addItem().setLinkId("symptom");
    item(group.addItem(), "symptom-code", code);
    return group;
  }

  private static void item(QuestionnaireResponseItemComponent item, String linkId, Type answer) {
    item.setLinkId(linkId).addAnswer().setValue(answer);
  }

  private static Patient patient(String birthDate) {
    var patient = new Patient();
    patient.setId("p1");
    if (!birthDate.isEmpty()) {
      patient.setBirthDateElement(new DateType(birthDate));
    }
    return patient;
  }

  private static Procedure injection(String id, String performed) {
    var procedure = new Procedure();
    procedure.setId(id);
    procedure.setStatus(ProcedureStatus.COMPLETED);
    procedure.setCode(new CodeableConcept(new Coding(Canonical.SNOMED, "404909007", null)));
    procedure.setSubject(new Reference("Patient/p1"));
    procedure.setPerformed(new DateTimeType(performed));
    procedure.addBodySite(new CodeableConcept(new Coding(Canonical.SNOMED, "22688005", null)));
    return procedure;
  }

  private MedicationAdministration given(String procedure, String units) {
    var given = new MedicationAdministration();
    given.setId(procedure + "-" + units.replace('.', '-'));
    given.setStatus(MedicationAdministrationStatus.COMPLETED);
    given.setSubject(new Reference("Patient/p1"));
    given.addPartOf(new Reference("Procedure/" + procedure));
    given.setMedication(
        new CodeableConcept(new Coding("http://hl7.org/fhir/sid/ndc", "0023-1145-01", null)));
    given.setEffective(new DateTimeType("2026-11-10"));
    given
        .getDosage()
        .setDose(new Quantity()
            .setValue(new BigDecimal(units))
            .setUnit("U")
            .setSystem(Canonical.UCUM)
            .setCode("[arb'U]"));
    return given;
  }

  private static Condition condition(String system, String code) {
    var condition = new Condition();
    condition.setId("c" + code.replace('.', '-'));
    condition.setSubject(new Reference("Patient/p1"));
    condition.setCode(new CodeableConcept(new Coding(system, code, null)));
    return condition;
  }
}
