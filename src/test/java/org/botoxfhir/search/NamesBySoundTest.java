package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import org.botoxfhir.testing.Fhir;
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
  private final OwnRecords records;

  NamesBySoundTest(@Autowired Fhir fhir) {
    records = new OwnRecords(fhir);
  }

  @BeforeAll
  void people() {
    records.put(
        "Patient",
        "smith",
        "\"name\":[{\"family\":\"Smith\",\"given\":[\"Catherine Anne\"],\"prefix\":[\"Dr.\"]}]");
    records.put(
        "Patient", "weiss", "\"name\":[{\"family\":\"Wei\u00df\",\"given\":[\"\u0141ukasz\"]}]");
    records.put("Patient", "text", "\"name\":[{\"text\":\"Jos\u00e9 Nu\u00f1ez\"}]");
    records.put(
        "Patient", "han", "\"name\":[{\"family\":\"\u738b\",\"given\":[\"\u5c0f\u660e\"]}]");
    records.put("Patient", "nobody", "\"gender\":\"other\"");
    records.put("Organization", "clinic", "\"name\":\"Meyer Klinik\"");
  }

  private List<String> found(String type, String parameter, String value) {
    return records.found(
        type,
        "_sort=_id&%s=%s".formatted(parameter, URLEncoder.encode(value, StandardCharsets.UTF_8)));
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
