package org.botoxfhir.symptom;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.triage.Detail;
import org.botoxfhir.triage.Severity;
import org.botoxfhir.triage.Symptom;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.PrimitiveType;
import org.hl7.fhir.r4.model.Type;
import org.jspecify.annotations.Nullable;

/** The symptoms of a report, as they are read one after the other; what is not understood counts as the worst that it may mean. */
final class SymptomAnswers {
  /** Of one report; the questionnaire offers a tenth of that. */
  private static final int MOST = 500;

  private final List<SymptomAnswer> symptoms = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  /** A value, and the FHIRPath of where it stands. */
  record Said(Type value, String path) {
    /** The coding that was chosen; free words and values of any other type as its display. */
    Coding coding() {
      if (value instanceof Coding chosen) {
        return chosen;
      }
      var words = new Coding();
      if (value instanceof PrimitiveType<?> primitive && primitive.hasValue()) {
        words.setDisplay(primitive.getValueAsString());
      }
      return words;
    }

    Optional<Symptom> symptom() {
      Coding chosen = coding();
      return chosen.hasCode() ? Symptom.of(chosen.getSystem(), chosen.getCode()) : Optional.empty();
    }

    Optional<Detail> detail() {
      Coding chosen = coding();
      return isOf(chosen, LocalCodes.SYMPTOM_DETAIL)
          ? Detail.of(chosen.getCode())
          : Optional.empty();
    }

    Optional<Severity> severity() {
      Coding chosen = coding();
      return isOf(chosen, Canonical.SNOMED) ? Severity.of(chosen.getCode()) : Optional.empty();
    }

    /** Whether it means a symptom, or a detail that tells of one, wherever it stands. */
    boolean isKnown() {
      return symptom().isPresent() || detail().isPresent();
    }

    private static boolean isOf(Coding chosen, String system) {
      return chosen.hasCode() && (!chosen.hasSystem() || chosen.getSystem().equals(system));
    }
  }

  /**
   * Adds a symptom for each code, with what was said about all of them; one without a name where there is none.
   *
   * @param severities the gravest counts
   * @param details one that is no detail may be a symptom, and is added as one
   * @return whether there was a code
   */
  boolean add(
      List<Said> codes,
      @Nullable DateTimeType onset,
      List<Said> severities,
      @Nullable Boolean ongoing,
      List<Said> details) {
    Coding severity = null;
    Severity grade = null;
    for (Said said : severities) {
      Severity understood = grade(said);
      if (grade == null || understood.compareTo(grade) >= 0) {
        grade = understood;
        severity = said.coding();
      }
    }
    Set<Detail> known = EnumSet.noneOf(Detail.class);
    var all = new ArrayList<Said>(codes);
    for (Said said : details) {
      said.detail().ifPresentOrElse(known::add, () -> all.add(said));
    }
    if (all.isEmpty()) {
      symptoms.add(new SymptomAnswer(null, null, null, onset, severity, grade, ongoing, known));
      return false;
    }
    for (Said said : all) {
      Coding chosen = said.coding();
      Optional<Detail> detail = said.detail();
      Set<Detail> withOwn = EnumSet.noneOf(Detail.class);
      withOwn.addAll(known);
      detail.ifPresent(withOwn::add);
      Symptom symptom = said.symptom().orElse(null);
      if (symptom == null && detail.isEmpty()) {
        notUnderstood(said);
      }
      boolean coded = chosen.hasCode();
      symptoms.add(new SymptomAnswer(
          coded ? chosen : null,
          coded ? null : chosen.getDisplay(),
          symptom,
          onset,
          severity,
          grade,
          ongoing,
          withOwn));
    }
    return true;
  }

  int count() {
    return symptoms.size();
  }

  List<Finding> findings() {
    return findings;
  }

  /**
   * The symptoms, in the order in which they were said. An event larger than Kafka takes could not be published; what is left out is
   * stored with the report.
   *
   * @param path of what names too many
   */
  List<SymptomAnswer> gravest(String path) {
    if (symptoms.size() > MOST) {
      warn(
          "too-long",
          "the report names %d symptoms; the %d gravest are derived and published"
              .formatted(symptoms.size(), MOST),
          path);
      symptoms.sort(Comparator.comparing(SymptomAnswer::boxedWarning)
          .thenComparing(answer -> answer.symptom() != null)
          .thenComparing(
              SymptomAnswer::grade, Comparator.nullsFirst(Comparator.<Severity>naturalOrder()))
          .reversed());
      symptoms.subList(MOST, symptoms.size()).clear();
    }
    return symptoms;
  }

  void warn(String code, String text, String expression) {
    findings.add(Finding.warning(code, text, expression));
  }

  private void notUnderstood(Said said) {
    Coding chosen = said.coding();
    warn(
        "code-invalid",
        chosen.hasCode()
            ? "the symptom %s is not known here; it counts as urgent. Known codes: ValueSet/patient-reported-symptoms"
                .formatted(shown(chosen))
            : "a symptom in free words is passed on for a person to read and counts as urgent; for a closer grade send a code of"
                + " ValueSet/patient-reported-symptoms",
        said.path());
  }

  /** An answer that is not understood may mean the worst, so it is taken for it. */
  private Severity grade(Said said) {
    Optional<Severity> known = said.severity();
    if (known.isEmpty()) {
      warn(
          "code-invalid",
          "the severity %s is not known here and is taken for severe; known codes: ValueSet/symptom-severity"
              .formatted(shown(said.coding())),
          said.path());
    }
    return known.orElse(Severity.SEVERE);
  }

  private static String shown(Coding chosen) {
    return chosen.hasCode()
        ? "'%s' of %s"
            .formatted(
                shown(chosen.getCode()), chosen.hasSystem() ? chosen.getSystem() : "no code system")
        : "in free words";
  }

  /** The beginning of a text, for a message. */
  static String shown(@Nullable String text) {
    return text == null ? "" : text.substring(0, Math.min(text.length(), 100));
  }
}
