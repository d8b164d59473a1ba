package org.botoxfhir.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.patch.Patches;
import org.hl7.fhir.r4.model.Bundle;
import org.junit.jupiter.api.Test;

class LinksTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  static {
    // as the service has it: the version in a reference is the sender's
    FHIR.getParserOptions().setStripVersionsFromReferences(false);
    FHIR.getParserOptions().setOverrideResourceIdWithBundleEntryFullUrl(false);
  }

  private static final String PATIENT = """
      {"fullUrl": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001",
       "resource": {"resourceType": "Patient", "id": "p"}, "request": {"method": "POST", "url": "Patient"}}""";

  @Test
  void aConditionalReferenceThatMatchesNothingIsNamedWithItsPlaceAndLeftAlone() {
    Bundle bundle = bundle("""
        {"resource": {"resourceType": "Procedure", "status": "completed", "subject": {"reference": "Patient/1"},
          "performer": [
            {"actor": {"reference": "Practitioner?identifier=https://example.org/staff|1"}},
            {"actor": {"reference": "Practitioner?identifier=https://example.org/staff|2"}}]},
         "request": {"method": "POST", "url": "Procedure"}}""");
    Links links = links(bundle);

    assertThat(links.criteria())
        .containsExactly(
            "Practitioner?identifier=https://example.org/staff|1",
            "Practitioner?identifier=https://example.org/staff|2");
    assertThat(links.places("Practitioner?identifier=https://example.org/staff|2"))
        .containsExactly("Bundle.entry[0].resource.performer[1].actor");

    List<Finding> unmatched = links.rewrite(
        LinksTest::key,
        Map.of(
            "Practitioner?identifier=https://example.org/staff|1",
            new ResourceKey("Practitioner", "found")));

    assertThat(unmatched).singleElement().satisfies(finding -> {
      assertThat(finding.expression()).isEqualTo("Bundle.entry[0].resource.performer[1].actor");
      assertThat(finding.text()).contains("Practitioner?identifier=https://example.org/staff|2");
    });
    assertThat(json(bundle, 0)).contains("\"Practitioner/found\"").contains("staff|2");
  }

  @Test
  void aUrnThatIsNoEntryIsKeptAndTheSenderIsTold() {
    Bundle bundle = bundle("""
        {"resource": {"resourceType": "Observation", "status": "final", "code": {"text": "made up"},
          "subject": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000009"}},
         "request": {"method": "POST", "url": "Observation"}}""");
    List<Entry> entries = entries(bundle);
    Links links = Links.of(entries);

    assertThat(links.rewrite(LinksTest::key, Map.of())).isEmpty();
    assertThat(links.warnings(entries.getFirst())).singleElement().satisfies(finding -> {
      assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
      assertThat(finding.expression()).isEqualTo("Bundle.entry[0].resource.subject");
    });
    assertThat(json(bundle, 0)).contains("urn:uuid:aaaaaaaa-0000-4000-8000-000000000009");
  }

  @Test
  void aRelativeReferenceThatSeveralEntriesAreIsAnErrorAndNotAGuess() {
    String observation = """
        {"resource": {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "made up"}},
         "request": {"method": "POST", "url": "Observation"}}""";
    Links links = links(bundle(observation, observation, """
        {"resource": {"resourceType": "DiagnosticReport", "status": "final", "code": {"text": "made up"},
          "result": [{"reference": "Observation/o"}]},
         "request": {"method": "POST", "url": "DiagnosticReport"}}"""));

    assertThat(links.errors()).singleElement().satisfies(finding -> {
      assertThat(finding.code()).isEqualTo("multiple-matches");
      assertThat(finding.expression()).isEqualTo("Bundle.entry[2].resource.result[0]");
    });
  }

  @Test
  void aUrnIsRewrittenWhereverALinkMayStand() {
    Bundle bundle = bundle(PATIENT, """
        {"resource": {
          "resourceType": "DocumentReference",
          "text": {"status": "generated", "div":
            "<div xmlns=\\"http://www.w3.org/1999/xhtml\\"><p><a href=\\"urn:uuid:aaaaaaaa-0000-4000-8000-000000000001\\">a</a><img src=\\"urn:uuid:aaaaaaaa-0000-4000-8000-000000000001\\"/></p></div>"},
          "contained": [{"resourceType": "Observation", "id": "c", "status": "final", "code": {"text": "made up"},
            "subject": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"}}],
          "extension": [{"url": "https://example.org/a", "valueReference": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"}},
            {"url": "https://example.org/b", "valueUuid": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"}],
          "status": "current",
          "_status": {"extension": [{"url": "https://example.org/c", "valueUri": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"}]},
          "subject": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001", "display": "kept"},
          "content": [{"attachment": {"url": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"}}]},
         "request": {"method": "POST", "url": "DocumentReference"}}""");

    assertThat(links(bundle).rewrite(LinksTest::key, Map.of())).isEmpty();

    assertThat(json(bundle, 1))
        .doesNotContain("urn:uuid")
        .contains("href=\\\"Patient/key-0\\\"", "src=\\\"Patient/key-0\\\"")
        .contains("\"valueReference\":{\"reference\":\"Patient/key-0\"}")
        .contains(
            "\"valueUuid\":\"Patient/key-0\"",
            "\"valueUri\":\"Patient/key-0\"",
            "\"url\":\"Patient/key-0\"")
        .contains("\"subject\":{\"reference\":\"Patient/key-0\",\"display\":\"kept\"}")
        .contains("\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"Patient/key-0\"}");
  }

  @Test
  void whatOnlyLooksLikeALinkIsLeftAlone() {
    Bundle bundle = bundle(PATIENT, """
        {"resource": {
          "resourceType": "QuestionnaireResponse", "status": "completed",
          "identifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"},
          "questionnaire": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001",
          "contained": [{"resourceType": "Practitioner", "id": "c"}],
          "author": {"reference": "#c"},
          "source": {"reference": "https://elsewhere.example.org/fhir/Patient/1"},
          "subject": {"reference": "Patient/on-file/_history/2"}},
         "request": {"method": "POST", "url": "QuestionnaireResponse"}}""");
    String before = json(bundle, 1);

    assertThat(links(bundle).rewrite(LinksTest::key, Map.of())).isEmpty();

    assertThat(json(bundle, 1)).isEqualTo(before).contains("Patient/on-file/_history/2");
  }

  @Test
  void aRelativeReferenceIsRelativeToTheServerOfItsEntry() {
    Bundle bundle = bundle("""
        {"fullUrl": "https://ehr.example.org/fhir/Patient/1",
         "resource": {"resourceType": "Patient"}, "request": {"method": "POST", "url": "Patient"}}""", """
        {"fullUrl": "https://ehr.example.org/fhir/Condition/2",
         "resource": {"resourceType": "Condition", "subject": {"reference": "Patient/1"}},
         "request": {"method": "POST", "url": "Condition"}}""", """
        {"fullUrl": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000003",
         "resource": {"resourceType": "Condition", "subject": {"reference": "Patient/1"}},
         "request": {"method": "POST", "url": "Condition"}}""");

    assertThat(links(bundle).rewrite(LinksTest::key, Map.of())).isEmpty();

    assertThat(json(bundle, 1)).contains("Patient/key-0");
    assertThat(json(bundle, 2)).contains("\"Patient/1\"");
  }

  @Test
  void anEntryIsAlsoKnownByItsOidItsUrlAndTheIdThatItWasSentWith() {
    Bundle bundle = bundle(PATIENT, """
        {"fullUrl": "urn:oid:1.2.3", "resource": {"resourceType": "Practitioner"},
         "request": {"method": "POST", "url": "Practitioner"}}""", """
        {"fullUrl": "https://ehr.example.org/fhir/Encounter/e",
         "resource": {"resourceType": "Encounter", "id": "e", "status": "finished", "class": {"code": "AMB"}},
         "request": {"method": "PUT", "url": "Encounter/e"}}""", """
        {"resource": {"resourceType": "Procedure", "status": "completed", "subject": {"reference": "Patient/p"},
          "encounter": {"reference": "https://ehr.example.org/fhir/Encounter/e"},
          "recorder": {"reference": "urn:oid:1.2.3"}},
         "request": {"method": "POST", "url": "Procedure"}}""");

    assertThat(links(bundle).rewrite(LinksTest::key, Map.of())).isEmpty();

    assertThat(json(bundle, 3))
        .contains("\"Patient/key-0\"", "\"Practitioner/key-1\"", "\"Encounter/e\"");
  }

  @Test
  void aConditionalReferenceMayNameWhatTheSameBundleCreates() {
    Bundle bundle = bundle("""
        {"resource": {"resourceType": "Practitioner"},
         "request": {"method": "POST", "url": "Practitioner", "ifNoneExist": "identifier=https://example.org/staff|1"}}""", """
        {"resource": {"resourceType": "Procedure", "status": "completed", "subject": {"reference": "Patient/1"},
          "recorder": {"reference": "Practitioner?identifier=https://example.org/staff|1"}},
         "request": {"method": "POST", "url": "Procedure"}}""");
    Links links = links(bundle);

    assertThat(links.criteria()).isEmpty();
    assertThat(links.rewrite(LinksTest::key, Map.of())).isEmpty();
    assertThat(json(bundle, 1)).contains("\"Practitioner/key-0\"");
  }

  @Test
  void theReferencesOfABundleThatIsItselfStoredAreItsOwn() {
    Bundle bundle = bundle(PATIENT, """
        {"resource": {"resourceType": "Bundle", "type": "collection", "entry": [
          {"fullUrl": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001", "resource": {"resourceType": "Patient"}},
          {"resource": {"resourceType": "Condition",
            "subject": {"reference": "urn:uuid:aaaaaaaa-0000-4000-8000-000000000001"}}}]},
         "request": {"method": "POST", "url": "Bundle"}}""");

    assertThat(links(bundle).rewrite(LinksTest::key, Map.of())).isEmpty();

    assertThat(json(bundle, 1)).doesNotContain("key-0");
  }

  private static Bundle bundle(String... entries) {
    return FHIR.newJsonParser()
        .parseResource(
            Bundle.class,
            "{\"resourceType\": \"Bundle\", \"type\": \"transaction\", \"entry\": ["
                + String.join(",", entries) + "]}");
  }

  private static List<Entry> entries(Bundle bundle) {
    return new EntryReader(resource -> Optional.empty(), new Patches(FHIR), type -> false)
        .readAll(bundle);
  }

  private static Links links(Bundle bundle) {
    return Links.of(entries(bundle));
  }

  private static ResourceKey key(Entry entry) {
    return switch (entry) {
      case Entry.Create create ->
        new ResourceKey(create.resource().fhirType(), "key-" + create.index());
      case Entry.Update update -> key(update.target());
      case Entry.Change change -> key(change.target());
      case Entry.Delete delete -> key(delete.target());
      case Entry.Read ignored -> throw new AssertionError("nothing refers to a read");
    };
  }

  private static ResourceKey key(Entry.Target target) {
    return switch (target) {
      case Entry.Target.One(var key) -> key;
      case Entry.Target.Matching criteria -> new ResourceKey(criteria.type(), "found");
    };
  }

  private static String json(Bundle bundle, int entry) {
    return FHIR.newJsonParser()
        .encodeResourceToString(bundle.getEntry().get(entry).getResource());
  }
}
