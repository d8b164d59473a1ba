package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The search parameter {@code phonetic}. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class NamesBySoundTest {
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);

  @Autowired
  Fhir fhir;

  @BeforeAll
  void people() {
    put(
        "Patient",
        "smith",
        "\"name\":[{\"family\":\"Smith\",\"given\":[\"Catherine Anne\"],\"prefix\":[\"Dr.\"]}]");
    put("Patient", "weiss", "\"name\":[{\"family\":\"Wei\u00df\",\"given\":[\"\u0141ukasz\"]}]");
    put("Patient", "text", "\"name\":[{\"text\":\"Jos\u00e9 Nu\u00f1ez\"}]");
    put("Patient", "han", "\"name\":[{\"family\":\"\u738b\",\"given\":[\"\u5c0f\u660e\"]}]");
    put("Patient", "nobody", "\"gender\":\"other\"");
    put("Organization", "clinic", "\"name\":\"Meyer Klinik\"");
  }

  private void put(String type, String name, String elements) {
    Answer answer = fhir.put(
        "%s/%s-%s".formatted(type, name, RUN),
        "{\"resourceType\":\"%s\",\"id\":\"%s-%s\",\"meta\":{\"tag\":[{\"code\":\"%s\"}]},%s}"
            .formatted(type, name, RUN, RUN, elements));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  private List<String> found(String type, String parameter, String value) {
    Answer answer = fhir.get("%s?_tag=%s&_sort=_id&%s=%s"
        .formatted(type, RUN, parameter, URLEncoder.encode(value, StandardCharsets.UTF_8)));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.at("/resource/id").asString().replace("-" + RUN, ""))
        .toList();
  }

  @ParameterizedTest
  @CsvSource(nullValues = "-", textBlock = """
      Smyth,           smith
      schmidt,         smith
      SMITH,           smith
      Katherine,       smith
      Ann Smyth,       smith
      Ann Jones,       -
      Jones,           -
      Dr,              -
      Weiss,           weiss
      Lukasz Weis,     weiss
      nunes,           text
      Hose,            text
      \u738b,          han
      \u674e,          -
      """)
  void aNameIsFoundByEachOfItsWordsHoweverTheyAreSpelt(String asked, String name) {
    assertThat(found("Patient", "phonetic", asked))
        .isEqualTo(name == null ? List.of() : List.of(name));
  }

  @Test
  void alternativesChainsAndMissingNamesWorkAsOfAnyParameter() {
    assertThat(found("Patient", "phonetic", "smyth,veiss,nunes"))
        .containsExactly("smith", "text", "weiss");
    assertThat(found("Patient", "phonetic:missing", "true")).containsExactly("nobody");
    assertThat(found("Organization", "phonetic", "maier")).containsExactly("clinic");
  }

  @Test
  void aWordHasOneSoundOrTwoAndNoneIsLost() {
    assertThat(Phonetics.codes("smith")).isEqualTo(Set.of("SM0", "XMT"));
    assertThat(Phonetics.codes("\u738b")).isEqualTo(Set.of("\u738b"));
    assertThat(Phonetics.codes("h")).as("a letter without a sound").isEqualTo(Set.of("h"));
    assertThat(Phonetics.words(" O'Neill-Garc\u00eda,  2nd "))
        .isEqualTo(List.of("o", "neill", "garcia", "2nd"));
  }
}
