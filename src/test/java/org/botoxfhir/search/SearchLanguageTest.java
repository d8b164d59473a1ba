package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** Modifiers, numbers, composites, chains, {@code _has}, includes and sorting, on a small clinic. Ids end with the run. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SearchLanguageTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

  @Autowired
  Fhir fhir;

  @BeforeAll
  void clinic() {
    put(
        "Organization",
        "clinic",
        "\"name\":\"Clinic %s\",\"alias\":[\"Dystonia ward\"]".formatted(RUN));
    put("Organization", "hospital", "\"name\":\"Hospital %s\"".formatted(RUN));
    put("Practitioner", "nurse", "\"name\":[{\"family\":\"Nurse%s\"}]".formatted(RUN));
    put("Patient", "ann", """
        "meta":{"tag":[{"system":"urn:test:tag","code":"%1$s"}],"source":"urn:test:source:%1$s","profile":["http://example.org/p/%1$s|2"]},
        "identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"MR"}]},"system":"urn:test:mrn","value":"ann-%1$s"}],
        "name":[{"family":"Ørsted-Núñez %1$s","given":["Ann"]}],"gender":"female","birthDate":"1980-01-01",
        "managingOrganization":{"reference":"Organization/clinic-%1$s"}""".formatted(RUN));
    put("Patient", "bob", """
        "identifier":[{"system":"urn:test:mrn","value":"bob-%1$s"}],
        "name":[{"family":"Nunez %1$s","given":["bob"]}],"gender":"male","birthDate":"1990-01-01",
        "managingOrganization":{"reference":"Organization/hospital-%1$s"},
        "generalPractitioner":[{"identifier":{"system":"urn:test:npi","value":"gp-%1$s"}}]""".formatted(RUN));
    put(
        "Patient",
        "eve",
        "\"name\":[{\"family\":\"Eve%1$s\"}],\"gender\":\"female\"".formatted(RUN));
    observation(
        "dose5",
        "ann",
        "2024-01-01",
        "\"valueQuantity\":{\"value\":5,\"system\":\"http://unitsofmeasure.org\",\"code\":\"[arb'U]\"}",
        "");
    observation(
        "dose5-4",
        "ann",
        "2024-01-02",
        "\"valueQuantity\":{\"value\":5.4,\"system\":\"http://unitsofmeasure.org\",\"code\":\"[arb'U]\"}",
        "");
    observation(
        "dose155",
        "bob",
        "2024-01-03",
        "\"valueQuantity\":{\"value\":155,\"system\":\"http://unitsofmeasure.org\",\"code\":\"[arb'U]\"}",
        "");
    observation(
        "mg7",
        "bob",
        "2024-01-04",
        "\"valueQuantity\":{\"value\":7,\"system\":\"http://unitsofmeasure.org\",\"code\":\"mg\"}",
        "");
    observation(
        "below3",
        "bob",
        "2024-01-05",
        "\"valueQuantity\":{\"value\":3,\"comparator\":\"<\",\"system\":\"http://unitsofmeasure.org\",\"code\":\"[arb'U]\"}",
        "");
    observation("parts", "bob", "2024-01-06", "\"valueString\":\"see parts\"", """
        ,"component":[
          {"code":{"coding":[{"system":"urn:test","code":"left"}]},"valueQuantity":{"value":10,"system":"http://unitsofmeasure.org","code":"mg"}},
          {"code":{"coding":[{"system":"urn:test","code":"right"}]},"valueQuantity":{"value":20,"system":"http://unitsofmeasure.org","code":"mg"}}]""");
    put("Procedure", "injection", """
        "status":"completed","subject":{"reference":"Patient/ann-%1$s"},"performedDateTime":"2024-01-01",
        "code":{"text":"Toxin for spasmodic torticollis %1$s","coding":[{"system":"urn:test","code":"inject","display":"Inyección de toxina"}]},
        "performer":[{"actor":{"reference":"Practitioner/nurse-%1$s"},"onBehalfOf":{"reference":"Organization/clinic-%1$s"}}],
        "instantiatesUri":["http://example.org/protocols/%1$s/migraine/v1"],"instantiatesCanonical":["http://example.org/plan/%1$s"]""".formatted(RUN));
    put("Provenance", "origin", """
        "target":[{"reference":"Patient/ann-%1$s"},{"reference":"Patient/bob-%1$s"}],"recorded":"2024-01-01T00:00:00Z",
        "agent":[{"who":{"reference":"Practitioner/nurse-%1$s"}}]""".formatted(RUN));
    put("List", "watch", """
        "status":"current","mode":"working","entry":[{"item":{"reference":"Patient/ann-%1$s"}},
          {"item":{"reference":"Patient/bob-%1$s"},"deleted":true},{"item":{"reference":"Procedure/injection-%1$s"}}]""".formatted(RUN));
  }

  private void observation(String name, String patient, String date, String value, String more) {
    put("Observation", name, """
        "status":"final","code":{"coding":[{"system":"urn:test","code":"obs-%1$s"}]},
        "subject":{"reference":"Patient/%2$s-%1$s"},"effectiveDateTime":"%3$s",%4$s%5$s""".formatted(RUN, patient, date, value, more));
  }

  private void put(String type, String name, String elements) {
    Answer answer = fhir.put(
        "%s/%s-%s".formatted(type, name, RUN),
        "{\"resourceType\":\"%s\",\"id\":\"%s-%s\",%s}".formatted(type, name, RUN, elements));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private List<String> found(String search) {
    return entries(search, "match");
  }

  private List<String> entries(String search, String mode) {
    Answer answer = fhir.get(encoded(search));
    assertThat(answer.status()).as(search + ": " + answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("entry")
        .valueStream()
        .filter(entry -> entry.at("/search/mode").asString().equals(mode))
        .map(SearchLanguageTest::name)
        .toList();
  }

  private static String name(JsonNode entry) {
    return entry.at("/resource/id").asString().replace("-" + RUN, "");
  }

  private static String encoded(String search) {
    return search
        .replace("@", RUN)
        .replace(" ", "%20")
        .replace("|", "%7C")
        .replace("<", "%3C")
        .replace("[", "%5B")
        .replace("]", "%5D")
        .replace("'", "%27")
        .replace("ú", "%C3%BA")
        .replace("Ø", "%C3%98")
        .replace("ø", "%C3%B8")
        .replace("ñ", "%C3%B1")
        .replace("ó", "%C3%B3")
        .replace("$", "%24");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      family=nunez @;                                    bob
      family=ørsted;                                     ann
      family:exact=Nunez @;                              bob
      family:exact=nunez @;                              ''
      family:contains=nunez @;                           ann bob
      given:exact=bob;                                   bob
      name:contains=UÑEZ @;                              ann bob
      birthdate:missing=true&family:contains=@;          eve
      birthdate:missing=false&family:contains=@;         ann bob
      gender:not=male&family:contains=@;                 ann eve
      gender:not=male,female&family:contains=@;          ''
      _tag=urn:test:tag|@;                               ann
      _source=urn:test:source:@;                         ann
      _profile=http://example.org/p/@;                   ann
      _profile:below=http://example.org/p;               ann
      identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|MR|ann-@; ann
      identifier:of-type=http://terminology.hl7.org/CodeSystem/v2-0203|PI|ann-@; ''
      general-practitioner:identifier=urn:test:npi|gp-@; bob
      general-practitioner:missing=true&family:contains=@; ann bob eve
      organization.name=clinic @;                        ann
      organization:Organization.name:contains=@;         ann bob
      organization.name:missing=true;                    ''
      _has:Observation:patient:value-quantity=155;       bob
      _has:Observation:subject:code=obs-@;               ann bob
      _has:Procedure:patient:performer.family=nurse@;    ann
      _has:Procedure:patient:code=nothing;               ''
      _has:Provenance:patient:agent=Practitioner/nurse-@; ann bob
      _list=watch-@;                                     ann
      _list=List/watch-@;                                ann
      """)
  void patientsAreFound(String query, String names) {
    assertThat(found("Patient?" + query.strip()).stream().filter(PEOPLE::contains))
        .containsExactlyInAnyOrderElementsOf(words(names));
  }

  private static final List<String> PEOPLE = List.of("ann", "bob", "eve");

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      value-quantity=5;                              dose5 dose5-4
      value-quantity=5.0;                            dose5
      value-quantity=5.4||[arb'U];                   dose5-4
      value-quantity=5.4|http://unitsofmeasure.org|[arb'U]; dose5-4
      value-quantity=5.4|http://unitsofmeasure.org|mg; ''
      value-quantity=gt7;                            dose155
      value-quantity=ge7;                            dose155 mg7
      value-quantity=lt5;                            below3
      value-quantity=le5;                            dose5 below3
      value-quantity=sa5;                            dose5-4 dose155 mg7
      value-quantity=eb5;                            below3
      value-quantity=ne5;                            dose155 mg7 below3
      value-quantity=ap150;                          dose155
      value-quantity=1.55e2;                         dose155
      value-quantity=7,155;                          dose155 mg7
      code-value-quantity=obs-@$gt100;               dose155
      code-value-quantity=other$gt100;               ''
      component-code-value-quantity=left$10||mg;     parts
      component-code-value-quantity=left$20||mg;     ''
      component-code-value-quantity=urn:test|right$ge15; parts
      combo-code-value-quantity=right$20;            parts
      combo-code-value-quantity=obs-@$155;           dose155
      combo-code-value-quantity=obs-@$20;            ''
      code-value-quantity:missing=true;              parts
      component-code-value-quantity:missing=false;   parts
      combo-code-value-quantity:missing=true;        ''
      value-string=SEE;                              parts
      patient.organization.name=hospital @;          dose155 mg7 below3 parts
      subject:Patient.gender=female;                 dose5 dose5-4
      subject.family:contains=nunez @&date=gt2024-01-05; parts
      patient._has:Procedure:patient:performer=Practitioner/nurse-@; dose5 dose5-4
      """)
  void observationsAreFound(String query, String names) {
    assertThat(found("Observation?code=obs-@&" + query.strip()))
        .containsExactlyInAnyOrderElementsOf(words(names));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code:text=toxin for spas",
        "code:text=inyeccion",
        "code:text=INYECCIÓN",
        "instantiates-uri:below=http://example.org/protocols/@",
        "instantiates-uri:below=http://example.org/protocols/@/",
        "instantiates-uri:above=http://example.org/protocols/@/migraine/v1/step/2",
        "instantiates-uri=http://example.org/protocols/@/migraine/v1",
        "patient:missing=false",
        "performer:Practitioner=nurse-@",
        "performer:Practitioner.family=nurse@",
        "code:not=other"
      })
  void theInjectionIsFound(String query) {
    assertThat(found("Procedure?patient=Patient/ann-@&" + query.replace("Ó", "%C3%93")))
        .containsExactly("injection");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code:text=migraine",
        "instantiates-uri:below=http://example.org/prot",
        "instantiates-uri:above=http://example.org/protocols/@",
        "performer:Organization=nurse-@",
        "code:not=inject"
      })
  void theInjectionIsNotFound(String query) {
    assertThat(found("Procedure?patient=Patient/ann-@&" + query)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ann", "bob"})
  void aChainLeadsToEachOfSeveralPatientsOfOneResource(String patient) {
    assertThat(found("Provenance?patient.identifier=%s-@".formatted(patient)))
        .containsExactly("origin");
  }

  @Test
  void aPageBringsWhatItsMatchesPointToAndWhatPointsToThem() {
    assertThat(entries(
            "Procedure?_id=injection-@&_include=Procedure:patient&_include=Procedure:performer",
            "include"))
        .containsExactlyInAnyOrder("ann", "nurse");
    assertThat(entries("Procedure?_id=injection-@&_include=*", "include")).contains("ann", "nurse");
    assertThat(entries(
            "Procedure?_id=injection-@&_include=Procedure:performer:Organization", "include"))
        .isEmpty();
    assertThat(entries(
            "Procedure?_id=injection-@&_include=Procedure:patient&_include:iterate=Patient:organization",
            "include"))
        .containsExactlyInAnyOrder("ann", "clinic");
    assertThat(entries(
            "Patient?_id=ann-@&_revinclude=Procedure:patient&_revinclude=Observation:subject",
            "include"))
        .containsExactlyInAnyOrder("injection", "dose5", "dose5-4");
    assertThat(entries(
            "Organization?_id=clinic-@&_revinclude=Patient:organization&_revinclude:iterate=Procedure:patient",
            "include"))
        .containsExactlyInAnyOrder("ann", "injection");
    assertThat(entries("Patient?_id=ann-@&_revinclude=*", "include"))
        .contains("injection", "dose5", "dose5-4", "watch");
  }

  @Test
  void whatComesAlongIsNoMatchAndComesOnce() {
    Answer answer =
        fhir.get(encoded("Observation?code=obs-@&_include=Observation:patient&_total=accurate"));
    assertThat(answer.json().path("total").asInt()).isEqualTo(6);
    assertThat(entries(
            "Observation?code=obs-@&_include=Observation:patient&_include=Observation:subject",
            "include"))
        .containsExactlyInAnyOrder("ann", "bob");
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      family;              eve bob ann
      -birthdate;          bob ann eve
      birthdate;           eve ann bob
      gender,family;       eve ann bob
      -gender,birthdate;   bob eve ann
      gender,-birthdate;   ann eve bob
      -_id;                eve bob ann
      organization;        eve ann bob
      -organization,_id;   bob ann eve
      """)
  void severalKeysSortAndWhatHasNoValueComesFirst(String sort, String names) {
    assertThat(found("Patient?_sort=" + sort.strip() + "&family:contains=@"))
        .containsExactlyElementsOf(words(names));
    List<String> paged = new ArrayList<>();
    String next = "Patient?_count=1&family:contains=@&_sort=" + sort.strip();
    for (int page = 0; page < 4 && next != null; page++) {
      JsonNode bundle = fhir.get(encoded(next)).json();
      bundle.path("entry").forEach(entry -> paged.add(name(entry)));
      next = fhir.link(bundle, "next");
    }
    assertThat(paged).as("page by page").containsExactlyElementsOf(words(names));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Patient?family:below=x",
        "Patient?birthdate:exact=2024",
        "Patient?birthdate:missing=perhaps",
        "Patient?family.name=x",
        "Patient?organization.nothing=x",
        "Patient?organization:Practitioner.name=x",
        "Patient?_has:Observation:patient=x",
        "Patient?_has:Observation:code:status=x",
        "Patient?_has:Nothing:patient:code=x",
        "Patient?_include=Patient:family",
        "Patient?_include=Observation:patient",
        "Patient?_revinclude=Observation:code",
        "Patient?_text=x",
        "Patient?_content=x",
        "Patient?_filter=x",
        "Patient?_query=x",
        "Patient?_contained=true",
        "Patient?_sort=_score",
        "Patient?_sort=phonetic",
        "Observation?_sort=code-value-quantity",
        "Patient?organization:below=x",
        "Patient?_id:missing=true",
        "Location?near=1",
        "Location?near=a%7C2",
        "Location?near=91%7C2",
        "Location?near=1%7C-181",
        "Location?near=1%7C2%7C-3",
        "Location?near=1%7C2%7C3%7Cfurlong",
        "Location?near=1%7C2%7C3%7Ckm%7Cx",
        "Location?near:exact=1%7C2",
        "Location?_sort=near",
        "Patient?phonetic:exact=x",
        "Patient?phonetic:contains=x",
        "Patient?phonetic=--",
        "Observation?code-value-quantity:missing=perhaps",
        "Patient?_list=a%2Fb",
        "Patient?_list=nowhere",
        "Patient?_sort=photo",
        "Patient?identifier:of-type=a%7Cb",
        "Observation?value-quantity=much",
        "Observation?value-quantity=1e999999999",
        "Observation?value-quantity=5%7Cmg",
        "Observation?code-value-quantity=a",
        "Observation?code-value-quantity=a%24b%24c",
        "Observation?patient.organization.partof.partof.partof.partof.partof.partof.name=x"
      })
  void whatCannotBeUnderstoodIsRefusedWithTheWayOut(String search) {
    Answer answer = fhir.get(search);
    assertThat(answer.status()).as(answer.body()).isEqualTo(400);
    assertThat(answer.json().at("/issue/0/diagnostics").asString()).isNotEmpty();
  }

  @Test
  void aChainOverMoreThanAThousandResourcesFindsTheSameAsOneOverFew() {
    List<String> bundle = new ArrayList<>();
    for (int i = 0; i < 1100; i++) {
      bundle.add("""
          {"resource":{"resourceType":"Patient","id":"many-%1$d-%2$s","name":[{"family":"Many%2$s"}]},
           "request":{"method":"PUT","url":"Patient/many-%1$d-%2$s"}}""".formatted(i, RUN));
    }
    for (int i : List.of(3, 1099)) {
      bundle.add("""
          {"resource":{"resourceType":"Observation","id":"of-many-%1$d-%2$s","status":"final","code":{"text":"x"},
            "subject":{"reference":"Patient/many-%1$d-%2$s"}},
           "request":{"method":"PUT","url":"Observation/of-many-%1$d-%2$s"}}""".formatted(i, RUN));
    }
    Answer stored = fhir.post(
        "",
        "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":["
            + String.join(",", bundle) + "]}");
    assertThat(stored.status()).as(stored.body()).isEqualTo(200);

    assertThat(found("Observation?patient.family=many@&_count=100"))
        .containsExactlyInAnyOrder("of-many-3", "of-many-1099");
    assertThat(found("Observation?patient.family=many@&code:missing=true"))
        .containsExactlyInAnyOrder("of-many-3", "of-many-1099");
    assertThat(found("Patient?_has:Observation:patient:_id=of-many-3-@")).containsExactly("many-3");
  }

  @Test
  void moreThanMayComeAlongIsRefusedRatherThanCutOff() {
    List<String> bundle = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      StringBuilder entries = new StringBuilder();
      for (int j = 0; j < 1001; j++) {
        entries.append(j == 0 ? "" : ",").append("""
            {"resource":{"resourceType":"Flag","status":"active","code":{"text":"x"},"subject":{"reference":"Patient/eve-%s"},
              "identifier":[{"value":"%d-%d"}]},"request":{"method":"POST","url":"Flag"}}""".formatted(RUN, i, j));
      }
      bundle.add(
          "{\"resourceType\":\"Bundle\",\"type\":\"transaction\",\"entry\":[" + entries + "]}");
    }
    bundle.forEach(one -> assertThat(fhir.post("", one).status()).isEqualTo(200));

    Answer answer = fhir.get("Patient?_id=eve-" + RUN + "&_revinclude=Flag:patient");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.json().at("/issue/0/diagnostics").asString()).contains("5000");
  }

  private static List<String> words(String text) {
    return text.isBlank()
        ? Collections.emptyList()
        : Stream.of(text.strip().split(" ")).toList();
  }
}
