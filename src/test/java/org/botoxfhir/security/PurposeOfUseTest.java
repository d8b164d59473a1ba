package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionComponent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PurposeOfUseTest {
  private static final String ROOT = "PurposeOfUse";

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "treat", "PurposeOfUse", "TREAT,", "urn:x|TREAT", "TREAT BTG"})
  void whatIsNoPurposeIsRefusedWithItsValueAndTheWayOut(String header) {
    Fault fault = catchThrowableOfType(FaultException.class, () -> PurposeOfUse.read(header))
        .fault();

    assertThat(fault).isInstanceOf(Fault.Invalid.class);
    assertThat(((Fault.Invalid) fault).findings().getFirst().text())
        .contains(PurposeOfUse.HEADER, PurposeOfUse.SYSTEM, "BTG");
  }

  @Test
  void severalPurposesMayBeStated() {
    assertThat(PurposeOfUse.read(" TREAT, " + PurposeOfUse.SYSTEM + "|BTG"))
        .containsExactlyInAnyOrder(PurposeOfUse.TREAT, PurposeOfUse.BTG);
    assertThat(PurposeOfUse.read(null)).isEmpty();
  }

  @Test
  void onlyBreakingTheGlassAndEmergencyTreatmentBreakTheGlass() {
    assertThat(Arrays.stream(PurposeOfUse.values()).filter(PurposeOfUse::breaksTheGlass))
        .containsExactlyInAnyOrder(PurposeOfUse.BTG, PurposeOfUse.ETREAT);
  }

  @Test
  void thePurposesAndWhatTheyArePartOfAreThoseOfR4() {
    var definitions = new DefaultProfileValidationSupport(FhirContext.forR4Cached());
    CodeSystem system = (CodeSystem) definitions.fetchCodeSystem(PurposeOfUse.SYSTEM);
    Map<String, Set<String>> official = new TreeMap<>();
    walk(concept(system.getConcept()), Set.of(), official);

    Map<String, Set<String>> ours = Arrays.stream(PurposeOfUse.values())
        .collect(Collectors.toMap(
            Enum::name,
            one -> EnumSet.copyOf(one.withBroader()).stream()
                .map(Enum::name)
                .collect(Collectors.toCollection(TreeSet::new)),
            (one, other) -> one,
            TreeMap::new));
    assertThat(ours).isEqualTo(official);
  }

  private static ConceptDefinitionComponent concept(List<ConceptDefinitionComponent> concepts) {
    for (ConceptDefinitionComponent one : concepts) {
      if (one.getCode().equals(ROOT)) {
        return one;
      }
      ConceptDefinitionComponent below = concept(one.getConcept());
      if (below.hasCode()) {
        return below;
      }
    }
    return new ConceptDefinitionComponent();
  }

  private static void walk(
      ConceptDefinitionComponent concept, Set<String> broader, Map<String, Set<String>> found) {
    for (ConceptDefinitionComponent one : concept.getConcept()) {
      Set<String> all = new TreeSet<>(broader);
      all.add(one.getCode());
      found.put(one.getCode(), all);
      walk(one, all, found);
    }
  }
}
