package org.botoxfhir.symptom;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Locale.LanguageRange;
import java.util.Objects;
import java.util.ResourceBundle;
import java.util.ResourceBundle.Control;
import java.util.Set;
import org.botoxfhir.triage.Symptom;
import org.botoxfhir.triage.Urgency;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * What a patient should do now, in the patient's words; texts are in {@code instructions.properties}, English, and may be in
 * {@code instructions_[language].properties}. What a translation leaves out is said in English.
 */
final class PatientInstruction {
  /** The label asks not to drive with weakness, changes of vision or dizziness. */
  private static final Set<Symptom> NO_DRIVING = EnumSet.of(
      Symptom.GENERALIZED_WEAKNESS,
      Symptom.LOCAL_WEAKNESS,
      Symptom.DIPLOPIA,
      Symptom.PTOSIS,
      Symptom.BLURRED_VISION,
      Symptom.EYE_IRRITATION,
      Symptom.SYNCOPE,
      Symptom.DIZZINESS);

  private static final String FILE_END = ".properties";

  private final String texts;
  private final Set<Locale> languages;

  /** The texts that ship with the service. */
  PatientInstruction() {
    this("org.botoxfhir.symptom.instructions");
  }

  /** @param texts base name of the resource bundles */
  PatientInstruction(String texts) {
    this.texts = texts;
    this.languages = languages(texts);
  }

  private static Set<Locale> languages(String texts) {
    String path = texts.replace('.', '/');
    Set<Locale> languages = new LinkedHashSet<>(List.of(Locale.ENGLISH));
    try {
      for (Resource file : new PathMatchingResourcePatternResolver()
          .getResources("classpath*:" + path + "_*" + FILE_END)) {
        String name = Objects.requireNonNull(file.getFilename());
        String language = name.substring(
            path.substring(path.lastIndexOf('/') + 1).length() + 1,
            name.length() - FILE_END.length());
        languages.add(Locale.forLanguageTag(language.replace('_', '-')));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the instructions cannot be listed", e);
    }
    return languages;
  }

  /** The languages that there are texts in. */
  Set<Locale> languages() {
    return languages;
  }

  /**
   * The instruction; it always ends with when to call the emergency number.
   *
   * @param preferred languages in the form of the header {@code Accept-Language}, the first that there are texts in counts; what is null
   *     or cannot be read is no wish
   */
  String text(Urgency urgency, SymptomReport report, @Nullable String... preferred) {
    ResourceBundle bundle = ResourceBundle.getBundle(
        texts, language(preferred), Control.getNoFallbackControl(Control.FORMAT_PROPERTIES));
    boolean noDriving = report.symptoms().stream()
        .map(SymptomAnswer::symptom)
        .anyMatch(symptom -> symptom != null && NO_DRIVING.contains(symptom));
    return bundle.getString(urgency.code())
        + (noDriving ? " " + bundle.getString("driving") : "")
        + " "
        + bundle.getString("always");
  }

  private Locale language(@Nullable String... preferred) {
    List<LanguageRange> ranges = new ArrayList<>();
    for (String wish : preferred) {
      ranges.addAll(ranges(wish));
    }
    return Objects.requireNonNullElse(Locale.lookup(ranges, languages), Locale.ENGLISH);
  }

  private static List<LanguageRange> ranges(@Nullable String wish) {
    if (wish == null || wish.isBlank()) {
      return List.of();
    }
    try {
      return LanguageRange.parse(wish);
    } catch (IllegalArgumentException unreadable) {
      return List.of();
    }
  }
}
