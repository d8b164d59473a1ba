package org.botoxfhir.symptom;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import tools.jackson.databind.JsonNode;

/** The elements of records on file that triage looks at, out of their JSON. What is not there is empty, as in the model. */
final class RecordElements {
  private static final String UNITS = "[arb'U]";

  private RecordElements() {}

  /** Text, coding systems, codes and displays of a CodeableConcept. */
  static CodeableConcept concept(JsonNode concept) {
    var read = new CodeableConcept();
    read.setText(concept.path("text").stringValue(null));
    for (JsonNode coding : concept.path("coding")) {
      read.addCoding(coding(coding));
    }
    return read;
  }

  private static Coding coding(JsonNode coding) {
    return new Coding(
        coding.path("system").stringValue(null),
        coding.path("code").stringValue(null),
        coding.path("display").stringValue(null));
  }

  /** The codings of CodeableConcepts, each system and code once; without those that have no code. */
  static List<Coding> distinctCodings(Stream<JsonNode> concepts) {
    var distinct = new LinkedHashMap<String, Coding>();
    concepts
        .flatMap(concept -> concept.path("coding").valueStream())
        .map(RecordElements::coding)
        .filter(Coding::hasCode)
        .forEach(
            coding -> distinct.putIfAbsent(coding.getSystem() + "|" + coding.getCode(), coding));
    return List.copyOf(distinct.values());
  }

  /** The resource of this server that a Reference names. */
  static Optional<ResourceKey> target(JsonNode reference) {
    return Optional.ofNullable(reference.path("reference").stringValue(null))
        .flatMap(ResourceKey::ofReference);
  }

  /** A dateTime, or empty. */
  static Optional<WrittenDate> date(JsonNode dateTime) {
    return Optional.ofNullable(dateTime.stringValue(null)).map(WrittenDate::of);
  }

  /** The amount of a Quantity in units of a toxin product (UCUM {@code [arb'U]}); empty when it is in anything else. */
  static Optional<BigDecimal> units(JsonNode dose) {
    return Canonical.UCUM.equals(dose.path("system").stringValue(null))
            && UNITS.equals(dose.path("code").stringValue(null))
        ? dose.path("value").decimalValueOpt()
        : Optional.empty();
  }
}
