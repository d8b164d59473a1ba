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
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.PrimitiveType;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseItemAnswerComponent;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseItemComponent;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Type;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of a symptom report. Refuses nothing: what it does not understand becomes a warning, and where it may hide a
 * symptom, a symptom that is not understood.
 */
final class SymptomReportReader {
  /** Of one report; the questionnaire offers a tenth of that. */
  private static final int MOST_SYMPTOMS = 500;

  private static final String SYMPTOM = "symptom";
  private static final String CODE = "symptom-code";
  private static final String ONSET = "symptom-onset";
  private static final String SEVERITY = "symptom-severity";
  private static final String ONGOING = "symptom-ongoing";
  private static final String DETAIL = "symptom-detail";
  private static final String INJECTION_DATE = "injection-date";
  private static final String INJECTION = "injection";
  private static final Set<String> OF_A_SYMPTOM = Set.of(CODE, ONSET, SEVERITY, ONGOING, DETAIL);
  private static final Set<String> WITHOUT_MEANING_HERE = Set.of("comment", "emergency-notice");

  private final List<SymptomAnswer> symptoms = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();
  private @Nullable WrittenDate injectionDate;
  private @Nullable String injection;

  private SymptomReportReader() {}

  static SymptomReport read(QuestionnaireResponse response) {
    var reader = new SymptomReportReader();
    reader.items(response.getItem(), "QuestionnaireResponse");
    if (reader.symptoms.isEmpty()) {
      reader.warn(
          "required",
          "the report names no symptom that can be read; it counts as urgent. Answer linkId '%s' in a group '%s'"
              .formatted(CODE, SYMPTOM),
          "QuestionnaireResponse.item");
    }
    reader.keepGravest();
    return new SymptomReport(
        reader.symptoms, reader.injectionDate, reader.injection, reader.findings);
  }

  /** An event larger than Kafka takes would hold up those of all other patients; what is left out is stored with the report. */
  private void keepGravest() {
    if (symptoms.size() > MOST_SYMPTOMS) {
      warn(
          "too-long",
          "the report names %d symptoms; the %d gravest are derived and published"
              .formatted(symptoms.size(), MOST_SYMPTOMS),
          "QuestionnaireResponse.item");
      symptoms.sort(Comparator.comparing(SymptomAnswer::boxedWarning)
          .thenComparing(answer -> answer.symptom() != null)
          .thenComparing(
              SymptomAnswer::grade, Comparator.nullsFirst(Comparator.<Severity>naturalOrder()))
          .reversed());
      symptoms.subList(MOST_SYMPTOMS, symptoms.size()).clear();
    }
  }

  /** Answers about a symptom belong together when they are siblings, whether or not the group around them is the expected one. */
  private void items(List<QuestionnaireResponseItemComponent> items, String parent) {
    var ofOneSymptom = new ArrayList<Located>();
    for (int index = 0; index < items.size(); index++) {
      QuestionnaireResponseItemComponent item = items.get(index);
      String path = "%s.item[%d]".formatted(parent, index);
      String linkId = item.hasLinkId() ? item.getLinkId() : "";
      if (OF_A_SYMPTOM.contains(linkId)) {
        ofOneSymptom.add(new Located(item, path));
      } else if (linkId.equals(SYMPTOM)) {
        group(item, path);
      } else if (linkId.equals(INJECTION_DATE)) {
        date(item, path).flatMap(WrittenDate::of).ifPresent(date -> injectionDate = date);
      } else if (linkId.equals(INJECTION)) {
        injection(item, path);
      } else if (!WITHOUT_MEANING_HERE.contains(linkId)) {
        unknown(item, path);
      }
      if (!linkId.equals(SYMPTOM)) {
        nested(item, path);
      }
    }
    if (!ofOneSymptom.isEmpty()) {
      symptom(ofOneSymptom, parent);
    }
  }

  private void nested(QuestionnaireResponseItemComponent item, String path) {
    items(item.getItem(), path);
    for (int index = 0; index < item.getAnswer().size(); index++) {
      items(item.getAnswer().get(index).getItem(), "%s.answer[%d]".formatted(path, index));
    }
  }

  /** A symptom group without any answer about a symptom still says that there is one. */
  private void group(QuestionnaireResponseItemComponent group, String path) {
    int before = symptoms.size();
    if (group.hasAnswer()) {
      symptom(List.of(new Located(group, path)), path);
    }
    nested(group, path);
    if (symptoms.size() == before) {
      symptom(List.of(), path);
    }
  }

  private void symptom(List<Located> answers, String path) {
    DateTimeType onset = null;
    Coding severity = null;
    Severity grade = null;
    Boolean ongoing = null;
    Set<Detail> known = EnumSet.noneOf(Detail.class);
    var codes = new ArrayList<LocatedAnswer>();
    for (Located located : answers) {
      QuestionnaireResponseItemComponent item = located.item();
      switch (item.getLinkId()) {
        case CODE, SYMPTOM -> codes.addAll(located.answers());
        case ONSET -> onset = date(item, located.path()).orElse(onset);
        case ONGOING -> ongoing = ongoing(located, ongoing);
        case SEVERITY -> {
          for (LocatedAnswer answer : located.answers()) {
            Coding chosen = coding(answer.value());
            Severity understood = severity(chosen, answer);
            if (grade == null || understood.compareTo(grade) >= 0) {
              grade = understood;
              severity = chosen;
            }
          }
        }
        default -> {
          for (LocatedAnswer answer : located.answers()) {
            // A detail that is not one may be a symptom.
            detail(coding(answer.value())).ifPresentOrElse(known::add, () -> codes.add(answer));
          }
        }
      }
    }
    if (codes.isEmpty()) {
      warn(
          "required",
          "the symptom has no answer at linkId '%s'; it counts as urgent".formatted(CODE),
          path);
      symptoms.add(new SymptomAnswer(null, null, null, onset, severity, grade, ongoing, known));
      return;
    }
    for (LocatedAnswer answer : codes) {
      Coding chosen = coding(answer.value());
      Optional<Detail> detail = detail(chosen);
      Set<Detail> all = EnumSet.noneOf(Detail.class);
      all.addAll(known);
      detail.ifPresent(all::add);
      Symptom symptom = symptomOf(chosen).orElse(null);
      if (symptom == null && detail.isEmpty()) {
        notUnderstood(chosen, answer.path());
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
          all));
    }
  }

  private void notUnderstood(Coding chosen, String path) {
    warn(
        "code-invalid",
        chosen.hasCode()
            ? "the symptom %s is not known here; it counts as urgent. Known codes: ValueSet/patient-reported-symptoms"
                .formatted(shown(chosen))
            : "a symptom in free words is passed on for a person to read and counts as urgent; for a closer grade send a code of"
                + " ValueSet/patient-reported-symptoms",
        path);
  }

  /** An answer that is not understood may mean the worst, so it is taken for it. */
  private Severity severity(Coding chosen, LocatedAnswer answer) {
    Optional<Severity> known =
        isOf(chosen, Canonical.SNOMED) ? Severity.of(chosen.getCode()) : Optional.empty();
    if (known.isEmpty()) {
      warn(
          "code-invalid",
          "the severity %s is not known here and is taken for severe; known codes: ValueSet/symptom-severity"
              .formatted(shown(chosen)),
          answer.path());
    }
    return known.orElse(Severity.SEVERE);
  }

  private @Nullable Boolean ongoing(Located located, @Nullable Boolean before) {
    Boolean ongoing = before;
    for (LocatedAnswer answer : located.answers()) {
      if (answer.value() instanceof BooleanType value && value.hasValue()) {
        ongoing = value.getValue();
      } else {
        wrongType(located.item(), "valueBoolean", answer.path());
      }
    }
    return ongoing;
  }

  private Optional<DateTimeType> date(QuestionnaireResponseItemComponent item, String path) {
    Optional<DateTimeType> date = Optional.empty();
    for (LocatedAnswer answer : new Located(item, path).answers()) {
      if (answer.value() instanceof DateTimeType value && value.hasValue()) {
        date = Optional.of(value);
      } else if (answer.value() instanceof DateType value && value.hasValue()) {
        date = Optional.of(new DateTimeType(value.getValueAsString()));
      } else {
        wrongType(item, "valueDate or valueDateTime", answer.path());
      }
    }
    return date;
  }

  private void injection(QuestionnaireResponseItemComponent item, String path) {
    for (LocatedAnswer answer : new Located(item, path).answers()) {
      if (answer.value() instanceof Reference value && value.hasReference()) {
        injection = value.getReference();
      } else {
        wrongType(item, "valueReference to a Procedure", answer.path());
      }
    }
  }

  /** A code of a known symptom means that symptom, wherever it stands. */
  private void unknown(QuestionnaireResponseItemComponent item, String path) {
    List<LocatedAnswer> answers = new Located(item, path).answers();
    if (answers.isEmpty()) {
      return;
    }
    warn(
        "not-found",
        "linkId '%s' is not an item of the questionnaire botox-symptom-report; its answer is stored%s"
            .formatted(
                shown(item.getLinkId()),
                answers.stream().anyMatch(SymptomReportReader::isKnown)
                    ? " and read as a symptom"
                    : ", not read"),
        path + ".linkId");
    for (LocatedAnswer answer : answers) {
      if (isKnown(answer)) {
        Coding chosen = coding(answer.value());
        Set<Detail> known = EnumSet.noneOf(Detail.class);
        detail(chosen).ifPresent(known::add);
        symptoms.add(new SymptomAnswer(
            chosen, null, symptomOf(chosen).orElse(null), null, null, null, null, known));
      }
    }
  }

  private static boolean isKnown(LocatedAnswer answer) {
    Coding chosen = coding(answer.value());
    return symptomOf(chosen).isPresent() || detail(chosen).isPresent();
  }

  private static Optional<Symptom> symptomOf(Coding chosen) {
    return chosen.hasCode() ? Symptom.of(chosen.getSystem(), chosen.getCode()) : Optional.empty();
  }

  private static Optional<Detail> detail(Coding chosen) {
    return isOf(chosen, LocalCodes.SYMPTOM_DETAIL) ? Detail.of(chosen.getCode()) : Optional.empty();
  }

  private static boolean isOf(Coding chosen, String system) {
    return chosen.hasCode() && (!chosen.hasSystem() || chosen.getSystem().equals(system));
  }

  /** The coding that was chosen; free words and values of any other type as its display. */
  private static Coding coding(@Nullable Type value) {
    if (value instanceof Coding chosen) {
      return chosen;
    }
    var words = new Coding();
    if (value instanceof PrimitiveType<?> primitive && primitive.hasValue()) {
      words.setDisplay(primitive.getValueAsString());
    }
    return words;
  }

  private void wrongType(QuestionnaireResponseItemComponent item, String expected, String path) {
    warn(
        "value",
        "linkId '%s' is answered by %s; the answer is stored, not read"
            .formatted(item.getLinkId(), expected),
        path);
  }

  private static String shown(Coding chosen) {
    return chosen.hasCode()
        ? "'%s' of %s"
            .formatted(
                shown(chosen.getCode()), chosen.hasSystem() ? chosen.getSystem() : "no code system")
        : "in free words";
  }

  private static String shown(@Nullable String text) {
    return text == null ? "" : text.substring(0, Math.min(text.length(), 100));
  }

  private void warn(String code, String text, String expression) {
    findings.add(Finding.warning(code, text, expression));
  }

  private record Located(QuestionnaireResponseItemComponent item, String path) {
    List<LocatedAnswer> answers() {
      var answers = new ArrayList<LocatedAnswer>();
      for (int index = 0; index < item.getAnswer().size(); index++) {
        QuestionnaireResponseItemAnswerComponent answer = item.getAnswer().get(index);
        if (answer.hasValue()) {
          answers.add(
              new LocatedAnswer(answer.getValue(), "%s.answer[%d].value".formatted(path, index)));
        }
      }
      return answers;
    }
  }

  private record LocatedAnswer(Type value, String path) {}
}
