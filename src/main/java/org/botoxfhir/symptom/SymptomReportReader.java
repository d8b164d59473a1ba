package org.botoxfhir.symptom;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.symptom.SymptomAnswers.Said;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.DateType;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseItemAnswerComponent;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseItemComponent;
import org.hl7.fhir.r4.model.Reference;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of a symptom report. Refuses nothing: what it does not understand becomes a warning, and where it may hide a
 * symptom, a symptom that is not understood.
 */
final class SymptomReportReader {
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

  private final SymptomAnswers symptoms = new SymptomAnswers();
  private @Nullable WrittenDate injectionDate;
  private @Nullable String injection;

  private SymptomReportReader() {}

  static SymptomReport read(QuestionnaireResponse response) {
    var reader = new SymptomReportReader();
    reader.items(response.getItem(), "QuestionnaireResponse");
    if (reader.symptoms.count() == 0) {
      reader.symptoms.warn(
          "required",
          "the report names no symptom that can be read; it counts as urgent. Answer linkId '%s' in a group '%s'"
              .formatted(CODE, SYMPTOM),
          "QuestionnaireResponse.item");
    }
    return new SymptomReport(
        reader.symptoms.gravest("QuestionnaireResponse.item"),
        reader.injectionDate,
        reader.injection,
        reader.symptoms.findings());
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
    int before = symptoms.count();
    if (group.hasAnswer()) {
      symptom(List.of(new Located(group, path)), path);
    }
    nested(group, path);
    if (symptoms.count() == before) {
      symptom(List.of(), path);
    }
  }

  private void symptom(List<Located> answers, String path) {
    DateTimeType onset = null;
    Boolean ongoing = null;
    var codes = new ArrayList<Said>();
    var severities = new ArrayList<Said>();
    var details = new ArrayList<Said>();
    for (Located located : answers) {
      QuestionnaireResponseItemComponent item = located.item();
      switch (item.getLinkId()) {
        case CODE, SYMPTOM -> codes.addAll(located.answers());
        case ONSET -> onset = date(item, located.path()).orElse(onset);
        case ONGOING -> ongoing = ongoing(located, ongoing);
        case SEVERITY -> severities.addAll(located.answers());
        default -> details.addAll(located.answers());
      }
    }
    if (!symptoms.add(codes, onset, severities, ongoing, details)) {
      symptoms.warn(
          "required",
          "the symptom has no answer at linkId '%s'; it counts as urgent".formatted(CODE),
          path);
    }
  }

  private @Nullable Boolean ongoing(Located located, @Nullable Boolean before) {
    Boolean ongoing = before;
    for (Said answer : located.answers()) {
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
    for (Said answer : new Located(item, path).answers()) {
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
    for (Said answer : new Located(item, path).answers()) {
      if (answer.value() instanceof Reference value && value.hasReference()) {
        injection = value.getReference();
      } else {
        wrongType(item, "valueReference to a Procedure", answer.path());
      }
    }
  }

  /** A code of a known symptom means that symptom, wherever it stands. */
  private void unknown(QuestionnaireResponseItemComponent item, String path) {
    List<Said> answers = new Located(item, path).answers();
    if (answers.isEmpty()) {
      return;
    }
    symptoms.warn(
        "not-found",
        "linkId '%s' is not an item of the questionnaire botox-symptom-report; its answer is stored%s"
            .formatted(
                SymptomAnswers.shown(item.getLinkId()),
                answers.stream().anyMatch(Said::isKnown) ? " and read as a symptom" : ", not read"),
        path + ".linkId");
    for (Said answer : answers) {
      if (answer.isKnown()) {
        symptoms.add(List.of(answer), null, List.of(), null, List.of());
      }
    }
  }

  private void wrongType(QuestionnaireResponseItemComponent item, String expected, String path) {
    symptoms.warn(
        "value",
        "linkId '%s' is answered by %s; the answer is stored, not read"
            .formatted(item.getLinkId(), expected),
        path);
  }

  private record Located(QuestionnaireResponseItemComponent item, String path) {
    List<Said> answers() {
      var answers = new ArrayList<Said>();
      for (int index = 0; index < item.getAnswer().size(); index++) {
        QuestionnaireResponseItemAnswerComponent answer = item.getAnswer().get(index);
        if (answer.hasValue()) {
          answers.add(new Said(answer.getValue(), "%s.answer[%d].value".formatted(path, index)));
        }
      }
      return answers;
    }
  }
}
