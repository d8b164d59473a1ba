package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import com.networknt.schema.InputFormat;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.resource.Change;
import org.botoxfhir.resource.EventIdentity;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteDerivation.Derived;
import org.botoxfhir.security.Access;
import org.botoxfhir.trace.Traces;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Reference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A single symptom that a client sends as an Observation. */
class SingleSymptomDerivationTest {
  private static final ResourceKey KEY = new ResourceKey("Observation", "o1");
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();
  private final SymptomReportDerivation derivation =
      new SymptomReportDerivation(Made.pseudonym(), metrics, Traces.off(), () -> NOW, false);
  private final RecordsOnFile onFile = new RecordsOnFile();
  private final List<NewEvent> published = new ArrayList<>();

  @BeforeEach
  void aPatientIsOnFile() {
    var patient = new Patient();
    patient.setId("p1");
    patient.getBirthDateElement().setValueAsString("1961-03-05");
    onFile.with(patient);
  }

  @AfterEach
  void everyEventIsAsTheSchemaSays() {
    for (NewEvent event : published) {
      assertThat(
              Made.schema("symptom-report.v1.schema.json").validate(event.data(), InputFormat.JSON))
          .isEmpty();
    }
  }

  @Test
  void anObservationWithoutACodeAnIssueDateOrASubjectIsUrgentAndPublished() {
    Observation bare = parsed("");
    bare.setSubject(null);
    bare.setCode(null);
    JsonNode data = data(derive(bare));
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(data.get("patient").isNull()).isTrue();
    assertThat(data.get("reportedAt").asString()).isEqualTo("2026-11-22T12:00:00Z");
  }

  @ParameterizedTest
  @EnumSource(
      value = ObservationStatus.class,
      names = {"ENTEREDINERROR", "CANCELLED"},
      mode = EnumSource.Mode.EXCLUDE)
  void everyStatusButEnteredInErrorAndCancelledIsSent(ObservationStatus status) {
    Observation observation = parsed("");
    if (status != ObservationStatus.NULL) {
      observation.setStatus(status);
    } else {
      observation.setStatus(null);
    }
    assertThat(derivation.concerns(KEY, observation)).isTrue();
    for (ObservationStatus withdrawn :
        List.of(ObservationStatus.ENTEREDINERROR, ObservationStatus.CANCELLED)) {
      assertThat(derivation.concerns(KEY, parsed("").setStatus(withdrawn))).isFalse();
      assertThat(
              derivation.events(new Change(KEY, 2, observation, parsed("").setStatus(withdrawn))))
          .extracting(EventIdentity::id)
          .containsExactly("Observation/o1/_history/2/retracted");
    }
  }

  @Test
  void itIsTriagedAndHasItsCandidateAndTellsThePatientWhatToDo() {
    Observation observation = parsed("""
        , "issued": "2026-11-22T10:30:00+01:00", "effectiveDateTime": "2026-11-21",
        "component": [
          {"code": {"coding": [{"system": "https://botoxfhir.org/fhir/CodeSystem/symptom-answer", "code": "severity"}]},
           "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "24484000"}]}},
          {"code": {"coding": [{"system": "https://botoxfhir.org/fhir/CodeSystem/symptom-answer", "code": "ongoing"}]},
           "valueBoolean": true},
          {"code": {"coding": [{"system": "https://botoxfhir.org/fhir/CodeSystem/symptom-answer", "code": "detail"}]},
           "valueCodeableConcept": {"coding": [{"system": "https://botoxfhir.org/fhir/CodeSystem/symptom-detail", "code": "choking"}]}}]""");
    Derived derived = derive(observation);
    JsonNode data = data(derived);
    assertThat(data.get("report").asString()).isEqualTo("Observation/o1");
    assertThat(data.get("reportedAt").asString()).isEqualTo("2026-11-22T10:30:00+01:00");
    assertThat(data.at("/symptoms/0/observation").asString()).isEqualTo("Observation/o1");
    assertThat(data.at("/symptoms/0/severity").asString()).isEqualTo("severe");
    assertThat(data.at("/symptoms/0/onset").asString()).isEqualTo("2026-11-21");
    assertThat(data.at("/symptoms/0/ongoing").asBoolean()).isTrue();
    assertThat(data.at("/symptoms/0/details/0").asString()).isEqualTo("choking");
    assertThat(data.at("/triage/urgency").asString()).isEqualTo("emergency");
    assertThat(published.getFirst().id()).isEqualTo("Observation/o1/_history/1/submitted");

    assertThat(derived.writes()).hasSize(1);
    AdverseEvent candidate = (AdverseEvent) ((Write.Update) derived.writes().getFirst()).resource();
    assertThat(candidate.getExtensionsByUrl(LocalCodes.SYMPTOM_REPORT_EVIDENCE))
        .singleElement()
        .satisfies(evidence -> assertThat(((Reference) evidence.getValue()).getReference())
            .isEqualTo("Observation/o1"));
    assertThat(candidate.getRecordedDateElement().getValueAsString())
        .isEqualTo("2026-11-22T10:30:00+01:00");
    assertThat(observation.getExtensionByUrl(Canonical.TRIAGE_RESULT)).isNotNull();
    assertThat(observation.getCategoryFirstRep().getCodingFirstRep().getCode()).isEqualTo("survey");
    assertThat(derived.findings().getFirst().text())
        .startsWith("This may be an emergency. Call your emergency number now.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "a known symptom as the value; , \"valueCodeableConcept\": {\"coding\": [{\"code\": \"267036007\"}]}",
        "in a component of the client's own; , \"component\": [{\"code\": {\"text\": \"also\"},"
            + " \"valueCodeableConcept\": {\"coding\": [{\"system\": \"http://snomed.info/sct\", \"code\": \"267036007\"}]}}]",
        "as the code of a component; , \"component\": [{\"code\": {\"coding\":"
            + " [{\"system\": \"http://snomed.info/sct\", \"code\": \"267036007\"}]}, \"valueBoolean\": true}]",
        "as a detail; , \"component\": [{\"code\": {\"coding\":"
            + " [{\"system\": \"https://botoxfhir.org/fhir/CodeSystem/symptom-answer\", \"code\": \"detail\"}]},"
            + " \"valueCodeableConcept\": {\"coding\": [{\"system\": \"http://snomed.info/sct\", \"code\": \"267036007\"}]}}]",
      })
  void troubleBreathingCountsWhereverItStands(String where, String elements) {
    JsonNode data = data(derive(parsed(elements)));
    assertThat(data.at("/triage/urgency").asString()).as(where).isEqualTo("emergency");
  }

  @Test
  void aSymptomUnderSeveralCodeSystemsIsOneAndTheKnownCodeCounts() {
    Observation observation = parsed("");
    observation
        .getCode()
        .getCodingFirstRep()
        .setSystem("https://app.example/codes")
        .setCode("d1");
    observation.getCode().addCoding().setSystem(Canonical.SNOMED).setCode("40739000");
    observation.getCode().addCoding().setSystem("https://app.example/more").setCode("d2");
    JsonNode data = data(derive(observation));
    assertThat(data.get("symptoms")).hasSize(1);
    assertThat(data.at("/symptoms/0/code/code").asString()).isEqualTo("40739000");
  }

  @Test
  void whatTheProfileDoesNotKnowIsWarnedOfAndNeverTakesTheSymptomAway() {
    Derived derived = derive(parsed(", \"valueBoolean\": false"));
    assertThat(data(derived).at("/triage/urgency").asString()).isEqualTo("urgent");
    assertThat(derived.findings())
        .extracting(Finding::text)
        .anyMatch(text -> text.contains("it is stored, not read"));
  }

  @Test
  void freeWordsNeverLeaveInTheEvent() {
    Observation observation = parsed(", \"note\": [{\"text\": \"says Jane\"}]");
    observation.setCode(null);
    observation.getCode().setText("Jane's tongue feels odd");
    JsonNode data = data(derive(observation));
    assertThat(published.getFirst().data()).doesNotContain("Jane");
    assertThat(data.at("/symptoms/0/code").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "|1.0.0"})
  void onlyTheProfileMakesAnObservationAReport(String version) {
    Observation observation = parsed("");
    observation
        .getMeta()
        .getProfile()
        .getFirst()
        .setValue(Canonical.PATIENT_REPORTED_SYMPTOM + version);
    assertThat(derivation.concerns(KEY, observation)).isTrue();
    observation.getMeta().getProfile().clear();
    assertThat(derivation.concerns(KEY, observation)).isFalse();
    assertThat(derivation.identity(observation)).isEmpty();
  }

  @Test
  void anObservationThatCameOfAResponseIsNoReportOfItsOwnWhateverIsChangedInIt() {
    var report = new ResourceKey("QuestionnaireResponse", "r1");
    ResourceKey derived = DerivedIds.observations(report, SymptomObservationReader.read(parsed("")))
        .getFirst();
    Observation amended = parsed("");
    amended.setStatus(ObservationStatus.CORRECTED);
    assertThat(derivation.concerns(derived, amended)).isFalse();
    assertThat(derivation.events(new Change(derived, 2, parsed(""), amended))).isEmpty();
    amended.addDerivedFrom(new Reference("QuestionnaireResponse/of-another-questionnaire"));
    assertThat(derivation.concerns(KEY, amended)).isTrue();
  }

  @Test
  void aCorrectionIsAmendedAndADeletionIsRetracted() {
    Observation first = parsed("");
    Derived submitted = derive(first);
    onFile.with(first);
    onFile.carryOut(submitted.writes());
    Observation second = parsed("");
    second.setStatus(ObservationStatus.CORRECTED);
    second.getCode().getCodingFirstRep().setCode("267036007");
    Derived amended = derive(new Change(KEY, 2, first, second));
    assertThat(published.get(1).type()).isEqualTo("org.botoxfhir.symptom-report.amended.v1");
    assertThat(amended.writes()).hasSize(1);
    Derived deleted = derive(new Change(KEY, 3, second, null));
    assertThat(published.get(2).type()).isEqualTo("org.botoxfhir.symptom-report.retracted.v1");
    assertThat(deleted.writes()).singleElement().isInstanceOf(Write.Delete.class);
  }

  @Test
  void anyOfItsIdentifiersMakesItTheSameForTheSameSubjectAmongSymptoms() {
    Observation observation = parsed("");
    assertThat(derivation.identity(observation)).isEmpty();
    observation.addIdentifier().setSystem("https://a.example").setValue("1");
    observation.addIdentifier().setValue("2");
    assertThat(derivation.identity(observation).orElseThrow())
        .startsWith("identifier=https%3A%2F%2Fa.example%7C1,%7C2&subject=Patient/p1&category=")
        .contains("%7Csurvey")
        .doesNotContain("cancelled");
  }

  private Derived derive(Observation observation) {
    return derive(new Change(KEY, 1, null, observation));
  }

  private Derived derive(Change change) {
    Derived derived = derivation.derive(Access.anonymous(null, null), change, onFile);
    assertThat(derived.events())
        .extracting(NewEvent::id)
        .isEqualTo(derivation.events(change).stream().map(EventIdentity::id).toList());
    published.addAll(derived.events());
    return derived;
  }

  private static JsonNode data(Derived derived) {
    assertThat(derived.events()).hasSize(1);
    return JsonMapper.shared().readTree(derived.events().getFirst().data());
  }

  private static Observation parsed(String elements) {
    return FhirContext.forR4Cached().newJsonParser().parseResource(Observation.class, """
        {"resourceType": "Observation", "id": "o1", "status": "final",
         "meta": {"profile": ["https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom"]},
         "subject": {"reference": "Patient/p1"},
         "code": {"coding": [{"system": "http://snomed.info/sct", "code": "40739000"}]}%s}""".formatted(
            elements));
  }
}
