package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.util.Map;
import java.util.stream.Collectors;
import org.botoxfhir.store.IndexRows;
import org.botoxfhir.store.ParameterTable;
import org.botoxfhir.testing.ServiceTest;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Procedure;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Reference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** The rows that a resource is found by, also those whose query side follows in a later release. */
@ServiceTest
class IndexRowExtractorTest {
  @Autowired
  IndexRowExtractor extractor;

  @Autowired
  ParameterTable parameters;

  private Map<Short, String> names;

  @BeforeEach
  void names() {
    names = parameters.declare(Map.of()).entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getValue, Map.Entry::getKey));
  }

  private static Observation observation() {
    Observation observation = new Observation();
    observation.setId("made-up");
    observation.getCode().addCoding().setSystem("urn:test").setCode("panel");
    return observation;
  }

  @Test
  void aQuantityIsARangeWithItsUnit() {
    Observation observation = observation();
    observation.setValue(new Quantity()
        .setValue(new BigDecimal("155"))
        .setSystem("http://unitsofmeasure.org")
        .setCode("[arb'U]")
        .setComparator(Quantity.QuantityComparator.GREATER_OR_EQUAL));

    IndexRows rows = extractor.extract(observation);

    IndexRows.NumberRange range = rows.numbers().stream()
        .filter(n -> "Observation.value-quantity".equals(names.get(n.param())))
        .findFirst()
        .orElseThrow();
    assertThat(range.code()).isEqualTo("[arb'U]");
    assertThat(range.low()).isEqualByComparingTo("155");
    assertThat(range.high()).isGreaterThan(new BigDecimal("1E+99"));
  }

  @Test
  void aCompositeOfAComponentKeepsTogetherWhatStandsTogether() {
    Observation observation = observation();
    observation.addComponent().setValue(new Quantity(1)).getCode().addCoding().setCode("left");
    observation.addComponent().setValue(new Quantity(2)).getCode().addCoding().setCode("right");

    IndexRows rows = extractor.extract(observation);

    assertThat(rows.tokens().stream()
            .filter(t -> "Observation$component$code".equals(names.get(t.param())))
            .map(t -> t.occurrence() + " " + t.value()))
        .containsExactly("1 left", "2 right");
    assertThat(rows.numbers().stream()
            .filter(n -> "Observation$component$(value as Quantity)|(value as SampledData)"
                .equals(names.get(n.param())))
            .map(n -> n.occurrence() + " " + n.low()))
        .containsExactly("1 1", "2 2");
  }

  @Test
  void parametersAndCompositesThatSayTheSameOfAComponentShareItsRows() {
    Observation observation = observation();
    observation.addComponent().setValue(new Quantity(1)).getCode().addCoding().setCode("left");

    assertThat(extractor.extract(observation).tokens().stream()
            .filter(t -> t.value().equals("left"))
            .map(t -> names.get(t.param())))
        .as("component-code, combo-code and the composites over components")
        .containsExactly("Observation$component$code");
  }

  @Test
  void aRecordBelongsToItsSubjectNotToWhoeverElseIsNamed() {
    Procedure procedure = new Procedure();
    procedure.setId("made-up");
    procedure.addPerformer().setActor(new Reference("Patient/helper"));
    procedure.setSubject(new Reference("Patient/subject/_history/3"));

    assertThat(extractor.extract(procedure).patient()).isEqualTo("subject");

    procedure.setSubject(new Reference("Group/all"));
    assertThat(extractor.extract(procedure).patient()).isEqualTo("helper");
  }

  @Test
  void eachValueStandsInOneRowHoweverOftenItIsWritten() {
    Observation observation = observation();
    observation.getCode().addCoding().setSystem("urn:test").setCode("panel");

    assertThat(extractor.extract(observation).tokens().stream()
            .filter(t -> "Observation.code".equals(names.get(t.param())))
            .map(IndexRows.Token::value))
        .containsExactlyInAnyOrder("panel", "urn:test|");
  }
}
