package org.botoxfhir.leaks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LeakSearchTest {
  private static final String PATIENT = """
      {"resourceType":"Patient","id":"on-file","birthDate":"1961-02-17",
       "identifier":[{"system":"https://example.org/mrn","value":"MRN-777"}],
       "name":[{"family":"Núñez-Ørsted","given":["Mirabel","Jo"]}],
       "telecom":[{"value":"+49 89 1234567"}],
       "contact":[{"name":{"family":"Kinsworth"}}]}""";

  private final LeakSearch search = new LeakSearch(PersonalData.in(PATIENT));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cannot index Núñez-Ørsted",
        "Key (value)=(nunez-ørsted) already exists",
        "family=N%C3%BA%C3%B1ez-%C3%98rsted&_count=1",
        "{\"family\":\"N\\u00fa\\u00f1ez-\\u00d8rsted\"}",
        "patient MIRABEL",
        "Patient/1 MIRABEL",
        "born on 1961-02-17.",
        "born_at=1961-02-17T00:00:00Z",
        "mrn-777",
        "call +49 89 1234567",
        "Kinsworth's mother"
      })
  void whatTellsOfAPatientIsFoundHoweverItIsWritten(String text) {
    assertThat(search.in(text)).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Patient/on-file",
        "http://127.0.0.1/fhir/Patient/mirabel-1/_history/2",
        "a mirabelle",
        "MRN-7771",
        "https://example.org/mrn",
        "on 1961-02-18",
        "Jo, which is too short to be known again",
        "49 89",
        ""
      })
  void whatOnlyLooksLikeItIsNot(String text) {
    assertThat(search.in(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"Brokenfield\"}",
        "<Patient xmlns=\"http://hl7.org/fhir\"><name><family value=\"Brokenfield\"/></name></Patient>",
        "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":{\"resourceType\":\"Patient\",\"name\":[{\"text\":\"Brokenfield\"}]}}]}",
        "{\"resourceType\":\"Flag\",\"subject\":{\"type\":\"Patient\",\"identifier\":{\"value\":\"Brokenfield\"}}}"
      })
  void patientsAreKnownFromWhateverBodyTheyComeIn(String body) {
    assertThat(PersonalData.in(body)).isEqualTo(Set.of("Brokenfield"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0000-01-01", "9999-12-31T23:59:59Z", "4711", "urn:uuid:", "x"})
  void whatStandsForAnythingTellsOfNobody(String value) {
    assertThat(PersonalData.in(
            "{\"resourceType\":\"Patient\",\"birthDate\":\"%1$s\",\"identifier\":[{\"value\":\"%1$s\"}]}"
                .formatted(value)))
        .isEmpty();
  }

  @Test
  void whatIsNoPatientsIsNotSought() {
    assertThat(PersonalData.in(
            "{\"resourceType\":\"Practitioner\",\"name\":[{\"family\":\"Sampleworth\"}]}"))
        .isEmpty();
    assertThat(List.copyOf(PersonalData.in(PATIENT))).doesNotContain("on-file", "Jo");
  }
}
