package org.botoxfhir.symptom;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.ResourceBundle.Control;
import java.util.stream.Stream;
import org.botoxfhir.triage.Symptom;
import org.botoxfhir.triage.Urgency;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PatientInstructionTest {
  private static final String EMERGENCY_SENTENCE =
      "If you have trouble breathing, swallowing or speaking, call your emergency number now.";
  private static final String SHIPPED = "org.botoxfhir.symptom.instructions";

  /** Made up: {@code _de} is whole, {@code _fr} lacks the emergency sentence and the one about driving. */
  private final PatientInstruction madeUp =
      new PatientInstruction("org.botoxfhir.symptom.made-up-instructions");

  private final Locale before = Locale.getDefault();

  @BeforeEach
  void theServerStandsInGermany() {
    Locale.setDefault(Locale.GERMANY);
  }

  @AfterEach
  void backHome() {
    Locale.setDefault(before);
  }

  @ParameterizedTest(name = "{0} in {1}")
  @MethodSource("everyUrgencyInEveryShippedLanguage")
  void everyInstructionEndsWithTheEmergencySentence(Urgency urgency, Locale language) {
    ResourceBundle bundle = ResourceBundle.getBundle(
        SHIPPED, language, Control.getNoFallbackControl(Control.FORMAT_PROPERTIES));
    String text = new PatientInstruction().text(urgency, report(), language.toLanguageTag());
    assertThat(bundle.getString("always")).isNotBlank();
    assertThat(text)
        .startsWith(bundle.getString(urgency.code()))
        .endsWith(bundle.getString("always"));
    if (language.equals(Locale.ENGLISH)) {
      assertThat(text).endsWith(EMERGENCY_SENTENCE);
    }
  }

  static Stream<Arguments> everyUrgencyInEveryShippedLanguage() {
    return new PatientInstruction()
        .languages().stream()
            .flatMap(language -> Stream.of(Urgency.values()).map(u -> Arguments.of(u, language)));
  }

  @Test
  void aKeyThatATranslationLacksIsSaidInEnglish() {
    for (Urgency urgency : Urgency.values()) {
      assertThat(madeUp.text(urgency, report(Symptom.DIPLOPIA), "fr"))
          .startsWith("fr " + urgency.code())
          .contains("en driving")
          .endsWith("en always");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"de", "de-CH", "nl, de;q=0.5, en;q=0.1", "xx-made-up, de"})
  void theFirstLanguageThatThereIsCounts(String accept) {
    assertThat(madeUp.text(Urgency.URGENT, report(), accept)).startsWith("de urgent");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "*", "nl", "en, de;q=0.5", ";;;q=x", "de;q=nonsense", "§", "en-GB"})
  void everythingElseIsEnglishWhateverTheLanguageOfTheServer(String accept) {
    assertThat(madeUp.text(Urgency.EMERGENCY, report(), accept))
        .isEqualTo("en emergency en always");
    assertThat(madeUp.text(Urgency.EMERGENCY, report(), null, null))
        .isEqualTo("en emergency en always");
  }

  @Test
  void theFirstWishGoesBeforeTheSecond() {
    assertThat(madeUp.text(Urgency.ROUTINE, report(), "nl", "de")).startsWith("de routine");
    assertThat(madeUp.text(Urgency.ROUTINE, report(), "fr", "de")).startsWith("fr routine");
  }

  private static SymptomReport report(Symptom... symptoms) {
    List<SymptomAnswer> answers = new ArrayList<>();
    for (Symptom symptom : symptoms) {
      answers.add(new SymptomAnswer(
          null,
          null,
          symptom,
          null,
          null,
          null,
          null,
          EnumSet.noneOf(org.botoxfhir.triage.Detail.class)));
    }
    return new SymptomReport(answers, null, null, List.of());
  }
}
