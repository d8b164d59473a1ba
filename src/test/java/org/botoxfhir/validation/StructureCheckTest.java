package org.botoxfhir.validation;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fault.Finding;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.ElementDefinition;
import org.hl7.fhir.r4.model.Enumerations.BindingStrength;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r4.model.ValueSet;
import org.junit.jupiter.api.Test;

class StructureCheckTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  /** Value sets that are another standard's, too large for a table or closed to us. */
  private static final Set<String> NOT_HERE = Set.of(
      "EffectEvidenceSynthesis.effectEstimate.unitOfMeasure",
      "ResearchElementDefinition.characteristic.unitOfMeasure",
      "RiskEvidenceSynthesis.riskEstimate.unitOfMeasure",
      "MolecularSequence.structureVariant.variantType");

  private final StructureCheck check = new StructureCheck(FHIR);
  private final R4Definitions definitions = new R4Definitions(FHIR);

  private List<String> found(String json) {
    return found((Resource) FHIR.newJsonParser().parseResource(json));
  }

  private List<String> found(Resource resource) {
    return check.check(resource).stream()
        .map(finding -> finding.code() + " " + finding.expression())
        .toList();
  }

  @Test
  void whatR4RequiresMustBeThereAtAnyDepth() {
    assertThat(found("{\"resourceType\":\"Observation\",\"status\":\"final\"}"))
        .containsExactly("required Observation");
    assertThat(check.check((Resource) FHIR.newJsonParser()
            .parseResource("{\"resourceType\":\"Observation\",\"status\":\"final\"}")))
        .extracting(Finding::text)
        .containsExactly("Observation.code is missing, which R4 requires; add it");
    assertThat(found("""
                {"resourceType":"Procedure","status":"completed","subject":{"reference":"Patient/1"},
                 "performer":[{"actor":{"reference":"Practitioner/1"}},{"function":{"text":"made up"}}],
                 "contained":[{"resourceType":"Observation","id":"o","status":"final"}],
                 "bodySite":[{"text":"made up","extension":[{"url":"https://example.org/made-up",
                   "valueReference":{"identifier":{"value":"1","assigner":{"reference":"Patient/1"}}}}]}]}
                """))
        .containsExactlyInAnyOrder(
            "required Procedure.performer[1]",
            "required Procedure.contained[0]",
            "value Procedure.bodySite[0].extension[0].value.identifier.assigner");
  }

  @Test
  void aReferenceLeadsToATypeThatR4AllowsWhereverItIs() {
    String template =
        "{\"resourceType\":\"Procedure\",\"status\":\"completed\",\"subject\":%s,\"contained\":[{\"resourceType\":\"Practitioner\",\"id\":\"p\"}]}";
    for (String wrong : List.of(
        "{\"reference\":\"Practitioner/1\"}",
        "{\"reference\":\"Practitioner/1/_history/2\"}",
        "{\"reference\":\"https://example.org/fhir/Practitioner/1\"}",
        "{\"reference\":\"Practitioner?identifier=https://example.org/a|1\"}",
        "{\"reference\":\"#p\"}",
        "{\"type\":\"Practitioner\",\"identifier\":{\"value\":\"1\"}}")) {
      assertThat(found(template.formatted(wrong)))
          .as(wrong)
          .containsExactly("value Procedure.subject");
    }
    for (String right : List.of(
        "{\"reference\":\"Patient/1\"}",
        "{\"reference\":\"Group/1\"}",
        "{\"reference\":\"urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0\"}",
        "{\"reference\":\"https://example.org/people/1\"}",
        "{\"reference\":\"1\"}",
        "{\"display\":\"made up\"}")) {
      assertThat(found(template.formatted(right))).as(right).isEmpty();
    }
  }

  @Test
  void oneCodingOfARequiredValueSetIsEnoughAndNoneIsTooFew() {
    String template =
        "{\"resourceType\":\"Condition\",\"subject\":{\"reference\":\"Patient/1\"},\"clinicalStatus\":{\"coding\":[%s],\"text\":\"made up\"}}";
    String local = "{\"system\":\"https://example.org/status\",\"code\":\"on\"}";
    assertThat(found(template.formatted(local)))
        .containsExactly("code-invalid Condition.clinicalStatus");
    assertThat(
            found(
                template.formatted(
                    local
                        + ",{\"system\":\"http://terminology.hl7.org/CodeSystem/condition-clinical\",\"code\":\"active\"}")))
        .isEmpty();
  }

  @Test
  void theExamplesHaveAllThatR4Requires() throws IOException {
    for (String folder : List.of("fhir-profiles/package/example", "src/test/resources/examples")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        for (Path file : files.filter(one -> one.toString().endsWith(".json")).toList()) {
          if (!file.endsWith(".index.json")) {
            String text = Files.readString(file);
            Resource resource = (Resource) FHIR.newJsonParser().parseResource(text);
            List<Resource> all = resource instanceof Bundle bundle
                ? bundle.getEntry().stream()
                    .map(Bundle.BundleEntryComponent::getResource)
                    .toList()
                : List.of(resource);
            all.forEach(one -> assertThat(found(one)).as(file.toString()).isEmpty());
          }
        }
      }
    }
  }

  /** The model that the check walks is HAPI's, which is milder only about definitions, since these have much in common there. */
  @Test
  void theModelRequiresWhatTheDefinitionsOfR4Require() {
    List<String> differences = new ArrayList<>();
    for (StructureDefinition type : types()) {
      for (ElementDefinition element : type.getSnapshot().getElement()) {
        String[] steps = element.getPath().split("\\.");
        if (steps.length == 2 && isRecord(steps[0])) {
          var child = FHIR.getResourceDefinition(steps[0]).getChildByName(steps[1]);
          if (child == null || child.getMin() != element.getMin()) {
            differences.add(element.getPath());
          }
        }
      }
    }
    assertThat(differences).isEmpty();
  }

  private static boolean isRecord(String type) {
    return FHIR.getResourceTypes().contains(type)
        && !MetadataResource.class.isAssignableFrom(
            FHIR.getResourceDefinition(type).getImplementingClass());
  }

  @Test
  void everyCodeableConceptThatMustHaveACodeOfOneValueSetIsKnownWithTheseCodes() {
    Set<String> seen = new HashSet<>();
    for (StructureDefinition type : types()) {
      for (ElementDefinition element : type.getSnapshot().getElement()) {
        if (element.getBinding().getStrength() == BindingStrength.REQUIRED
            && element.getType().stream().anyMatch(one -> one.getCode().equals("CodeableConcept"))
            && !NOT_HERE.contains(element.getPath())) {
          seen.add(element.getPath());
          RequiredCodes codes =
              Objects.requireNonNull(RequiredCodes.of(element.getPath()), element.getPath());
          assertThat(new TreeSet<>(codes.codes()))
              .as(element.getPath())
              .isEqualTo(new TreeSet<>(codes(element.getBinding().getValueSet(), codes.system())));
        }
      }
    }
    assertThat(seen).hasSize(10);
  }

  private List<StructureDefinition> types() {
    return definitions.<StructureDefinition>fetchAllStructureDefinitions();
  }

  /** Of a value set that is one whole code system, or some codes of one. */
  private Set<String> codes(String valueSet, String system) {
    ValueSet.ConceptSetComponent include = ((ValueSet)
            Objects.requireNonNull(definitions.fetchValueSet(valueSet)))
        .getCompose()
        .getIncludeFirstRep();
    assertThat(include.getSystem()).isEqualTo(system);
    if (include.hasConcept()) {
      return include.getConcept().stream()
          .map(ValueSet.ConceptReferenceComponent::getCode)
          .collect(Collectors.toSet());
    }
    Set<String> codes = new HashSet<>();
    collect(
        ((CodeSystem) Objects.requireNonNull(definitions.fetchCodeSystem(system))).getConcept(),
        codes);
    return codes;
  }

  private static void collect(
      List<CodeSystem.ConceptDefinitionComponent> concepts, Set<String> codes) {
    concepts.forEach(concept -> {
      codes.add(concept.getCode());
      collect(concept.getConcept(), codes);
    });
  }
}
