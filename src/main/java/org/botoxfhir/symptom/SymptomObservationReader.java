package org.botoxfhir.symptom;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.botoxfhir.symptom.SymptomAnswers.Said;
import org.hl7.fhir.r4.model.BooleanType;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationComponentComponent;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Type;
import org.jspecify.annotations.Nullable;

/**
 * Reads a symptom that a client sent as an Observation, in the form in which {@link SymptomObservation} writes one. Refuses nothing, as
 * {@link SymptomReportReader}; a known symptom or severity counts wherever it stands.
 */
final class SymptomObservationReader {
  private final SymptomAnswers symptoms = new SymptomAnswers();
  private final List<Said> severities = new ArrayList<>();
  private final List<Said> details = new ArrayList<>();
  private @Nullable Boolean ongoing;

  private SymptomObservationReader() {}

  static SymptomReport read(Observation observation) {
    var reader = new SymptomObservationReader();
    for (int index = 0; index < observation.getComponent().size(); index++) {
      reader.component(
          observation.getComponent().get(index), "Observation.component[%d]".formatted(index));
    }
    reader.value(observation);
    List<Said> codes = meant(said(observation.getCode(), "Observation.code"));
    if (!reader.symptoms.add(
        codes, reader.onset(observation), reader.severities, reader.ongoing, reader.details)) {
      reader.symptoms.warn(
          "required",
          "the symptom has no code; it counts as urgent. Known codes: ValueSet/patient-reported-symptoms",
          "Observation.code");
    }
    return new SymptomReport(
        reader.symptoms.gravest("Observation.component"), null, null, reader.symptoms.findings());
  }

  /** Several codings of one concept say the same thing in several code systems, unless we know them to be several symptoms. */
  private static List<Said> meant(List<Said> concept) {
    List<Said> known = concept.stream().filter(Said::isKnown).toList();
    return known.isEmpty() ? concept.stream().limit(1).toList() : known;
  }

  private void component(ObservationComponentComponent component, String path) {
    List<Said> answers = said(component.getValue(), path + ".value");
    switch (kind(component)) {
      case "severity" -> severities.addAll(answers);
      case "ongoing" -> {
        if (component.getValue() instanceof BooleanType value && value.hasValue()) {
          ongoing = value.getValue();
        } else {
          symptoms.warn("value", "'ongoing' is answered by valueBoolean; it is not read", path);
        }
      }
      case "detail" -> details.addAll(meant(answers));
      default -> {
        var all = new ArrayList<>(said(component.getCode(), path + ".code"));
        all.addAll(answers);
        known(all, path);
      }
    }
  }

  /** The profile knows no value: that there is an Observation says that there is the symptom. */
  private void value(Observation observation) {
    if (observation.hasValue()) {
      known(said(observation.getValue(), "Observation.value"), "Observation.value");
    }
  }

  private void known(List<Said> all, String path) {
    List<Said> graded = all.stream().filter(said -> said.severity().isPresent()).toList();
    List<Said> named = all.stream().filter(Said::isKnown).toList();
    severities.addAll(graded);
    details.addAll(named);
    if (graded.isEmpty() && named.isEmpty()) {
      symptoms.warn(
          "not-found",
          "profile patient-reported-symptom does not know this; it is stored, not read",
          path);
    }
  }

  private static String kind(ObservationComponentComponent component) {
    return component.getCode().getCoding().stream()
        .filter(coding -> LocalCodes.SYMPTOM_ANSWER.equals(coding.getSystem()))
        .map(Coding::getCode)
        .findFirst()
        .orElse("");
  }

  private @Nullable DateTimeType onset(Observation observation) {
    Type effective = observation.getEffective();
    Optional<DateTimeType> onset = switch (effective) {
      case null -> Optional.empty();
      case DateTimeType time -> Optional.of(time);
      case InstantType time -> Optional.of(new DateTimeType(time.getValueAsString()));
      case Period period -> Optional.of(period.getStartElement());
      default -> Optional.empty();
    };
    return onset.filter(DateTimeType::hasValue).orElse(null);
  }

  /** The codings of a concept, else its text; any other value as it is. */
  private static List<Said> said(@Nullable Type value, String path) {
    var said = new ArrayList<Said>();
    if (value instanceof CodeableConcept concept) {
      for (Coding coding : concept.getCoding()) {
        said.add(new Said(coding, path));
      }
      if (said.isEmpty() && concept.hasText()) {
        said.add(new Said(new StringType(concept.getText()), path));
      }
    } else if (value != null) {
      said.add(new Said(value, path));
    }
    return said;
  }
}
