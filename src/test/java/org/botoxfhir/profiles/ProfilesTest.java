package org.botoxfhir.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.NpmPackageValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r4.model.ElementDefinition;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The package as another consumer takes it: HAPI's validator with the {@code .tgz} and nothing else of ours. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProfilesTest {
  /** What the worked examples are to conform to; the Procedure by its code. */
  private static final Map<String, String> OF_TYPE = Map.of(
      "Patient", "botox-patient",
      "Practitioner", "botox-practitioner",
      "Condition", "treatment-indication",
      "Medication", "botulinum-toxin-product",
      "MedicationAdministration", "botulinum-toxin-administration",
      "QuestionnaireResponse", "symptom-report",
      "AdverseEvent", "suspected-adverse-event");

  private FhirContext fhir;
  private NpmPackageValidationSupport shipped;
  private FhirValidator validator;

  @BeforeAll
  void load() throws IOException {
    Path tgz = Path.of("target", "test-classes", "fhir-package-under-test.tgz");
    FhirPackage.pack(tgz);
    fhir = FhirContext.forR4();
    shipped = new NpmPackageValidationSupport(fhir);
    shipped.loadPackageFromClasspath("classpath:" + tgz.getFileName());
    var unknownSystems = new UnknownCodeSystemWarningValidationSupport(fhir);
    unknownSystems.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
    var structure = new FhirInstanceValidator(new ValidationSupportChain(
        new DefaultProfileValidationSupport(fhir),
        shipped,
        new CommonCodeSystemsTerminologyService(fhir),
        new InMemoryTerminologyServerValidationSupport(fhir),
        unknownSystems));
    structure.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    structure.setErrorForUnknownProfiles(true);
    validator = fhir.newValidator().registerValidatorModule(structure);
  }

  @TestFactory
  Stream<DynamicTest> everyExampleClaimsAProfileOfOursAndConformsToIt() throws IOException {
    return FhirPackage.examples()
        .map(file -> dynamicTest(file.getFileName().toString(), () -> {
          assertThat(FhirPackage.claims(file))
              .singleElement()
              .asString()
              .startsWith(FhirPackage.PROFILE);
          assertThat(errors(Files.readString(file), null)).isEmpty();
        }));
  }

  @TestFactory
  Stream<DynamicTest> everyInvalidExampleIsRefusedForExactlyItsReason() {
    return FhirPackage.invalidExamples()
        .map(invalid -> dynamicTest(
            invalid.name(),
            () -> assertThat(errors(invalid.resource().toString(), null))
                .allMatch(error -> invalid.explains(error.getLocationString(), error.getMessage()))
                .anyMatch(
                    error -> invalid.isExpected(error.getLocationString(), error.getMessage()))));
  }

  @TestFactory
  Stream<DynamicTest> theWorkedExamplesConform() throws IOException {
    List<JsonNode> resources = new ArrayList<>();
    try (Stream<Path> files = Files.list(Path.of("src/test/resources/examples"))) {
      for (Path file :
          files.filter(file -> file.toString().endsWith(".json")).sorted().toList()) {
        JsonNode read = FhirPackage.read(file);
        if (read.has("entry")) {
          read.get("entry").forEach(entry -> resources.add(entry.get("resource")));
        } else {
          resources.add(read);
        }
      }
    }
    return resources.stream()
        .map(resource -> dynamicTest(
            resource.get("resourceType").asText() + " " + resource.path("id").asText(),
            () -> assertThat(errors(resource.toString(), FhirPackage.PROFILE + profileOf(resource)))
                .isEmpty()));
  }

  @Test
  void everyProfileHasAnExampleAndThreeInvalidOnes() throws IOException {
    Map<String, Long> invalid = FhirPackage.invalidExamples()
        .collect(Collectors.groupingBy(
            each -> FhirPackage.claims(FhirPackage.example(each.example())).getFirst(),
            Collectors.counting()));
    List<String> profiles = shipped.fetchAllStructureDefinitions().stream()
        .map(StructureDefinition.class::cast)
        .filter(definition -> !definition.getType().equals("Extension"))
        .map(StructureDefinition::getUrl)
        .toList();

    assertThat(profiles)
        .hasSizeGreaterThan(15)
        .allSatisfy(profile ->
            assertThat(invalid.getOrDefault(profile, 0L)).as(profile).isGreaterThanOrEqualTo(3));
    assertThat(FhirPackage.examples().flatMap(file -> FhirPackage.claims(file).stream()))
        .containsAll(profiles);
  }

  @Test
  void everyDefinitionOfAStructureHasItsSnapshot() {
    assertThat(shipped.fetchAllStructureDefinitions())
        .isNotEmpty()
        .allSatisfy(definition -> assertThat(((StructureDefinition) definition).getSnapshot())
            .extracting(StructureDefinition.StructureDefinitionSnapshotComponent::getElement)
            .asInstanceOf(InstanceOfAssertFactories.LIST)
            .isNotEmpty());
  }

  @Test
  void theReadmeNamesEveryProfileWithItsMustSupportElements() throws IOException {
    String readme = Files.readString(FhirPackage.FOLDER.resolve("README.md"));
    assertThat(shipped.fetchAllStructureDefinitions().stream().map(StructureDefinition.class::cast))
        .filteredOn(definition -> !definition.getType().equals("Extension"))
        .isNotEmpty()
        .allSatisfy(profile -> {
          String row = readme
              .lines()
              .filter(line -> line.contains("(package/StructureDefinition-%s.json)"
                  .formatted(profile.getIdElement().getIdPart())))
              .findFirst()
              .orElseThrow();
          profile.getDifferential().getElement().stream()
              .filter(ElementDefinition::getMustSupport)
              .map(element -> element.hasSliceName()
                  ? element.getSliceName()
                  : element.getPath().substring(profile.getType().length() + 1))
              .forEach(element -> assertThat(row).containsPattern("\\b" + Pattern.quote(element)));
        });
  }

  private List<SingleValidationMessage> errors(String text, @Nullable String profile) {
    ValidationOptions options = new ValidationOptions();
    if (profile != null) {
      options.addProfile(profile);
    }
    return validator.validateWithResult(text, options).getMessages().stream()
        .filter(message -> message.getSeverity().compareTo(ResultSeverityEnum.ERROR) >= 0)
        .toList();
  }

  private static String profileOf(JsonNode resource) {
    String type = resource.get("resourceType").asText();
    if (type.equals("Procedure")) {
      return resource.at("/code/coding/0/code").asText().equals("404909007")
          ? "botulinum-toxin-injection"
          : "emg-guidance";
    }
    return Objects.requireNonNull(OF_TYPE.get(type), type);
  }
}
