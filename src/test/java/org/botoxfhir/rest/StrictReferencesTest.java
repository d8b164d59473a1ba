package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpRequest.BodyPublishers;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;

/** Where every local reference must be on file: {@code botox.fhir.referential-integrity=strict}. */
@ServiceTest(ownDatabase = true, properties = "botox.fhir.referential-integrity=strict")
class StrictReferencesTest {
  private static final String FLAG = """
      {"resourceType":"Flag","id":"f","status":"active","code":{"text":"made up"},"subject":{"reference":"Patient/p"},
       "author":%s}""";

  @Autowired
  Fhir fhir;

  @BeforeEach
  void aPatientIsOnFile() {
    assertThat(
            fhir.put("Patient/p", "{\"resourceType\":\"Patient\",\"id\":\"p\"}").status())
        .isIn(200, 201);
    assertThat(fhir.delete("Flag/f").status()).isIn(200, 204);
  }

  private static String flag(String author) {
    return FLAG.formatted(author);
  }

  @Test
  void aReferenceToWhatIsNotOnFileIsRefusedByNameInEveryKindOfWrite() {
    String dangling = flag("{\"reference\":\"Practitioner/nobody\"}");
    refused(fhir.post("Flag", dangling));
    refused(fhir.put("Flag/f", dangling));
    refused(fhir.post("", """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"resource":%s,"request":{"method":"PUT","url":"Flag/f"}}]}""".formatted(dangling)));
    assertThat(fhir.get("Flag/f").status()).isIn(404, 410);

    assertThat(fhir.put("Flag/f", flag("{\"display\":\"nobody\"}")).status()).isIn(200, 201);
    refused(fhir.send(
        "PATCH",
        "Flag/f",
        BodyPublishers.ofString(
            "[{\"op\":\"add\",\"path\":\"/author/reference\",\"value\":\"Practitioner/nobody\"}]"),
        "Content-Type",
        "application/json-patch+json"));
    assertThat(fhir.get("Flag/f").body()).doesNotContain("nobody\"},\"reference");
  }

  @Test
  void whatIsReferredToIsDeletedOnlyWithOrAfterWhatRefersToIt() {
    String author = "{\"resourceType\":\"Practitioner\",\"id\":\"author\"}";
    assertThat(fhir.put("Practitioner/author", author).status()).isIn(200, 201);
    assertThat(
            fhir.put("Flag/f", flag("{\"reference\":\"Practitioner/author\"}")).status())
        .isIn(200, 201);

    Answer early = fhir.delete("Practitioner/author");
    assertThat(early.status()).isEqualTo(409);
    assertThat(early.body()).contains("Practitioner/author has 1 records");
    assertThat(fhir.get("Practitioner/author").status()).isEqualTo(200);

    assertThat(fhir.post("", """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"request":{"method":"DELETE","url":"Practitioner/author"}},
          {"request":{"method":"DELETE","url":"Flag/f"}}]}""").status()).isEqualTo(200);
    assertThat(fhir.get("Practitioner/author").status()).isEqualTo(410);
  }

  private static void refused(Answer answer) {
    assertThat(answer.status()).as(answer.body()).isEqualTo(422);
    assertThat(answer.body()).contains("Practitioner/nobody", "Flag.author");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"reference\":\"https://elsewhere.example/fhir/Practitioner/nobody\"}",
        "{\"identifier\":{\"system\":\"urn:test\",\"value\":\"nobody\"}}",
        "{\"display\":\"somebody\"}",
      })
  void whatIsNoLocalReferenceIsKeptAsSent(String author) {
    assertThat(fhir.put("Flag/f", flag(author)).status()).isIn(200, 201);
    assertThat(fhir.get("Flag/f").body()).contains("\"author\":" + author);
  }

  @Test
  void aContainedResourceIsNothingThatMustBeOnFile() {
    String contained = flag("{\"reference\":\"#a\"}")
        .replaceFirst(
            "\"id\":\"f\",",
            "\"id\":\"f\",\"contained\":[{\"resourceType\":\"Practitioner\",\"id\":\"a\"}],");
    assertThat(fhir.put("Flag/f", contained).status()).isIn(200, 201);
    assertThat(fhir.get("Flag/f").body()).contains("\"author\":{\"reference\":\"#a\"}");
  }

  @Test
  void aReferenceToAVersionIsKeptAndItsResourceMustBeOnFile() {
    assertThat(fhir.put("Practitioner/a", "{\"resourceType\":\"Practitioner\",\"id\":\"a\"}")
            .status())
        .isIn(200, 201);
    String author = "{\"reference\":\"Practitioner/a/_history/1\"}";
    assertThat(fhir.put("Flag/f", flag(author)).status()).isIn(200, 201);
    assertThat(fhir.get("Flag/f").body()).contains("\"author\":" + author);
    refused(fhir.put("Flag/f", flag("{\"reference\":\"Practitioner/nobody/_history/1\"}")));
  }

  @Test
  void whatComesInTheSameTransactionCountsAsOnFile() {
    Answer answer = fhir.post("", """
        {"resourceType":"Bundle","type":"transaction","entry":[
          {"resource":%s,"request":{"method":"PUT","url":"Flag/f"}},
          {"resource":{"resourceType":"Practitioner","id":"new"},"request":{"method":"PUT","url":"Practitioner/new"}}]}""".formatted(flag("{\"reference\":\"Practitioner/new\"}")));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
  }
}
