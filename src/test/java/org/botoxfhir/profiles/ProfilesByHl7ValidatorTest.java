package org.botoxfhir.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.botoxfhir.profiles.FhirPackage.InvalidExample;
import org.botoxfhir.profiles.Hl7Validator.Issue;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The package as HL7's own validator takes it: an opinion that has nothing to do with HAPI. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProfilesByHl7ValidatorTest {
  /** Without a terminology server it counts answers of SNOMED CT as not offered by the questionnaire; HAPI, which reads the value set, does not. */
  private static final String NOT_LOOKED_UP =
      "because the validator is running without terminology services";

  private final List<InvalidExample> invalid = FhirPackage.invalidExamples().toList();
  private Map<String, List<Issue>> outcomes = Map.of();

  @BeforeAll
  void validate() throws IOException, InterruptedException {
    Path work = Files.createDirectories(Path.of("target", "hl7-validator"));
    Path resources = Files.createDirectories(work.resolve("resources"));
    try (Stream<Path> earlier = Files.list(resources)) {
      for (Path file : earlier.toList()) {
        Files.delete(file);
      }
    }
    for (Path file : valid().toList()) {
      Files.copy(file, resources.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    }
    for (InvalidExample each : invalid) {
      Files.writeString(resources.resolve(fileOf(each)), each.resource().toString());
    }
    Path tgz = work.resolve("package.tgz");
    FhirPackage.pack(tgz);
    outcomes = Hl7Validator.validate(work, tgz, resources);
  }

  @TestFactory
  Stream<DynamicTest> everyInvalidExampleIsRefusedForExactlyItsReason() {
    return invalid.stream()
        .map(each -> dynamicTest(
            each.name(),
            () -> assertThat(errors(fileOf(each)))
                .allMatch(error -> each.explains(error.at(), error.says()))
                .anyMatch(error -> each.isExpected(error.at(), error.says()))));
  }

  @TestFactory
  Stream<DynamicTest> everyDefinitionAndEveryExampleIsValid() {
    return valid()
        .map(file -> file.getFileName().toString())
        .map(file -> dynamicTest(file, () -> assertThat(errors(file)).isEmpty()));
  }

  private List<Issue> errors(String file) {
    return Objects.requireNonNull(outcomes.get(file), file).stream()
        .filter(Issue::isError)
        .filter(error -> !(error.at().startsWith("QuestionnaireResponse.item[")
            && error.says().endsWith(NOT_LOOKED_UP)))
        .toList();
  }

  private String fileOf(InvalidExample each) {
    return "invalid-%d.json".formatted(invalid.indexOf(each));
  }

  private static Stream<Path> valid() {
    return Stream.concat(FhirPackage.definitions(), FhirPackage.examples());
  }
}
