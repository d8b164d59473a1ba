package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.resource.Change;
import org.botoxfhir.resource.EventIdentity;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PatientPseudonym;
import org.hl7.fhir.r4.model.AdverseEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AdverseEventDerivationTest {
  private static final ResourceKey KEY = new ResourceKey("AdverseEvent", "a1");
  private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
  private static final JsonSchema SCHEMA = Made.schema("adverse-event.v1.schema.json");

  private final PatientPseudonym pseudonym = Made.pseudonym();
  private final AdverseEventDerivation derivation =
      new AdverseEventDerivation(pseudonym, () -> NOW);
  private final RecordsOnFile onFile = new RecordsOnFile();
  private final List<NewEvent> published = new ArrayList<>();

  @AfterEach
  void everyEventIsAsTheSchemaSaysAndNothingWasLookedUp() {
    for (NewEvent event : published) {
      assertThat(SCHEMA.validate(event.data(), InputFormat.JSON)).isEmpty();
      assertThat(event.topic()).isEqualTo("botox.adverse-events.v1");
    }
    assertThat(onFile.asked()).isEmpty();
  }

  @Test
  void namesAndFreeWordsNeverLeaveWhereverTheyStand() {
    AdverseEvent event = parsed("""
        {"resourceType": "AdverseEvent", "actuality": "actual",
         "identifier": {"value": "Jane-1"}, "contained": [{"resourceType": "Substance", "id": "jane"}], "text": {"status": "generated", "div": "<div>Jane</div>"},
         "event": {"text": "Jane choked", "coding": [{"system": "https://x.example/?who=Jane", "code": "1"},
           {"system": "http://snomed.info/sct", "code": "Jane could not swallow"}]},
         "subject": {"reference": "Patient/p1", "display": "Jane Roe"},
         "date": "2026-11-20", "location": {"display": "Jane's home"},
         "recorder": {"display": "Jane"},
         "suspectEntity": [{"instance": {"reference": "https://elsewhere.example/Procedure?name=Jane"}},
           {"instance": {"reference": "#jane"}}, {"instance": {"reference": "Procedure/i1", "display": "by Jane"},
            "causality": [{"productRelatedness": "Jane thinks so"}]}],
         "resultingCondition": [{"reference": "Condition?patient=Jane"}]}""");
    JsonNode data = data(new Change(KEY, 1, null, event));
    assertThat(published.getFirst().toString()).doesNotContainIgnoringCase("jane");
    assertThat(data.get("codes")).isEmpty();
    assertThat(data.get("suspects")).hasSize(1);
    assertThat(data.at("/suspects/0/entity").asString()).isEqualTo("Procedure/i1");
    assertThat(data.at("/suspects/0/causality").isNull()).isTrue();
    assertThat(data.get("resultingConditions")).isEmpty();
  }

  @Test
  void whatPharmacovigilanceNeedsIsInTheEvent() {
    JsonNode data = data(new Change(KEY, 3, null, judged()));
    assertThat(data.get("adverseEvent").asString()).isEqualTo("AdverseEvent/a1");
    assertThat(data.get("version").asInt()).isEqualTo(3);
    assertThat(data.get("patient").asString()).isEqualTo("Patient/p1");
    assertThat(data.get("actuality").asString()).isEqualTo("actual");
    assertThat(data.get("unconfirmed").asBoolean()).isTrue();
    assertThat(data.at("/codes/0/code").asString()).isEqualTo("40739000");
    assertThat(data.get("date").asString()).isEqualTo("2026-11-20");
    assertThat(data.get("recordedDate").asString()).isEqualTo("2026-11-22T10:30:00+01:00");
    assertThat(data.at("/seriousness/code").asString()).isEqualTo("Serious");
    assertThat(data.at("/severity/code").asString()).isEqualTo("severe");
    assertThat(data.at("/outcome/code").asString()).isEqualTo("ongoing");
    assertThat(data.at("/suspects/0/causality/code").asString()).isEqualTo("Possible");
    assertThat(data.at("/evidence/0").asString()).isEqualTo("QuestionnaireResponse/r1");
    assertThat(published.getFirst().time()).isEqualTo(NOW);
    assertThat(published.getFirst().key()).isEqualTo(pseudonym.of("Patient/p1"));
  }

  @Test
  void aRecordWithoutAnythingIsStillPublished() {
    JsonNode data = data(new Change(KEY, 1, null, new AdverseEvent()));
    assertThat(data.get("patient").isNull()).isTrue();
    assertThat(data.get("actuality").isNull()).isTrue();
    assertThat(published.getFirst().key()).isEqualTo(pseudonym.of("AdverseEvent/a1"));
  }

  @Test
  void thousandsOfSuspectsDoNotMakeAnEventThatKafkaRefuses() {
    AdverseEvent event = judged();
    for (int i = 0; i < 20_000; i++) {
      event.addSuspectEntity().getInstance().setReference("Procedure/i" + i);
    }
    assertThat(data(new Change(KEY, 1, null, event)).get("suspects"))
        .hasSize(AdverseEventData.MOST);
  }

  @Test
  void theKindFollowsFromWhatWasThereBefore() {
    AdverseEvent event = judged();
    assertThat(ids(new Change(KEY, 1, null, event)))
        .containsExactly("AdverseEvent/a1/_history/1/recorded");
    assertThat(ids(new Change(KEY, 2, event, judged())))
        .containsExactly("AdverseEvent/a1/_history/2/changed");
    assertThat(ids(new Change(KEY, 3, event, null)))
        .containsExactly("AdverseEvent/a1/_history/3/retracted");
    assertThat(ids(new Change(KEY, 4, null, event)))
        .containsExactly("AdverseEvent/a1/_history/4/recorded");
    assertThat(ids(new Change(KEY, 4, null, null))).isEmpty();
    assertThat(derivation.events(new Change(KEY, 2, event, judged())))
        .extracting(EventIdentity::type, EventIdentity::subject)
        .containsExactly(org.assertj.core.groups.Tuple.tuple(
            "org.botoxfhir.adverse-event.changed.v1", "AdverseEvent/a1/_history/2"));
  }

  @Test
  void aRetractionShowsWhatItTakesBack() {
    JsonNode data = data(new Change(KEY, 2, judged(), null));
    assertThat(data.at("/codes/0/code").asString()).isEqualTo("40739000");
    assertThat(data.get("version").asInt()).isEqualTo(2);
  }

  @Test
  void aRecordThatGoesOverToAnotherPatientIsRetractedForTheOneAndRecordedForTheOther() {
    AdverseEvent moved = judged();
    moved.getSubject().setReference("Patient/p2");
    assertThat(derivation.events(new Change(KEY, 2, judged(), moved)))
        .extracting(EventIdentity::id, EventIdentity::key)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(
                "AdverseEvent/a1/_history/2/retracted", pseudonym.of("Patient/p1")),
            org.assertj.core.groups.Tuple.tuple(
                "AdverseEvent/a1/_history/2/recorded", pseudonym.of("Patient/p2")));
  }

  private JsonNode data(Change change) {
    List<NewEvent> events =
        derivation.derive(Access.anonymous(null, null), change, onFile).events();
    assertThat(events).extracting(NewEvent::id).isEqualTo(ids(change));
    published.addAll(events);
    assertThat(events).hasSize(1);
    return JsonMapper.shared().readTree(events.getFirst().data());
  }

  private List<String> ids(Change change) {
    return derivation.events(change).stream().map(EventIdentity::id).toList();
  }

  private static AdverseEvent judged() {
    return parsed("""
        {"resourceType": "AdverseEvent", "actuality": "actual",
         "meta": {"tag": [{"system": "https://botoxfhir.org/fhir/CodeSystem/confirmation", "code": "unconfirmed"}]},
         "extension": [{"url": "https://botoxfhir.org/fhir/StructureDefinition/symptom-report-evidence",
           "valueReference": {"reference": "QuestionnaireResponse/r1"}}],
         "event": {"coding": [{"system": "http://snomed.info/sct", "code": "40739000"}]},
         "subject": {"reference": "Patient/p1"}, "date": "2026-11-20", "recordedDate": "2026-11-22T10:30:00+01:00",
         "seriousness": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-seriousness", "code": "Serious"}]},
         "severity": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-severity", "code": "severe"}]},
         "outcome": {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-outcome", "code": "ongoing"}]},
         "suspectEntity": [{"instance": {"reference": "Procedure/i1"}, "causality": [{"assessment": {"coding":
           [{"system": "http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess", "code": "Possible"}]}}]}]}""");
  }

  private static AdverseEvent parsed(String json) {
    return FhirContext.forR4Cached().newJsonParser().parseResource(AdverseEvent.class, json);
  }
}
