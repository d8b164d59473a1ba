package org.botoxfhir.validation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fault.Finding.Severity;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.trace.Traces;
import org.botoxfhir.validation.ValidationSettings.Mode;
import org.hl7.fhir.r4.model.Resource;
import org.junit.jupiter.api.Test;

class ProfileCheckTest {
  private static final String PROFILE = "https://botoxfhir.org/fhir/StructureDefinition/";
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  private static ProfileCheck check(Mode mode, Map<String, String> required) {
    var settings = new ValidationSettings(mode, required, 2, 16, Duration.ofMinutes(5));
    var timers = new ValidationTimers(new SimpleMeterRegistry(), Traces.off());
    return new ProfileCheck(FHIR, settings, new ResourceValidation(settings, timers), timers);
  }

  private static List<Finding> found(ProfileCheck check, String json) {
    Resource resource = (Resource) FHIR.newJsonParser().parseResource(json);
    return check.check(new ResourceKey(resource.fhirType(), "1"), resource, false);
  }

  private static String claiming(String profile) {
    return "{\"resourceType\":\"Patient\",\"meta\":{\"profile\":[\"%s\"]},\"gender\":\"female\"}"
        .formatted(profile);
  }

  @Test
  void aClaimOfAProfileOfOursIsHeldAgainstItWithAnyVersion() {
    ProfileCheck check = check(Mode.ENFORCE, Map.of());
    for (String claim : List.of(PROFILE + "botox-patient", PROFILE + "botox-patient|9.9")) {
      assertThat(found(check, claiming(claim)))
          .as(claim)
          .filteredOn(one -> one.severity() == Severity.ERROR)
          .extracting(Finding::code, Finding::expression)
          .contains(org.assertj.core.groups.Tuple.tuple("structure", "Patient"));
    }
  }

  @Test
  void aClaimOfAProfileOfOthersIsTheirsAndOneOfOursThatIsNotThereIsNamed() {
    ProfileCheck check = check(Mode.ENFORCE, Map.of());
    assertThat(found(check, claiming("https://example.org/fhir/StructureDefinition/made-up")))
        .isEmpty();
    assertThat(found(check, claiming(PROFILE + "botox-pateint")))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.severity()).isEqualTo(Severity.WARNING);
          assertThat(finding.text()).contains("botox-pateint");
        });
  }

  @Test
  void aRequiredProfileHoldsForItsTypeClaimedOrNot() {
    ProfileCheck check = check(Mode.ENFORCE, Map.of("Patient", PROFILE + "botox-patient"));
    String plain = "{\"resourceType\":\"Patient\",\"gender\":\"female\"}";
    assertThat(found(check, plain)).anyMatch(one -> one.severity() == Severity.ERROR);
    assertThat(found(check(Mode.ENFORCE, Map.of()), plain)).isEmpty();
    assertThat(found(check, "{\"resourceType\":\"Practitioner\"}")).isEmpty();
  }

  @Test
  void aRequiredProfileThatIsUnknownOrOfAnotherTypeStopsTheStart() {
    for (String wrong : List.of(
        PROFILE + "botox-practitioner", PROFILE + "made-up", "https://example.org/made-up")) {
      assertThatThrownBy(() -> check(Mode.ENFORCE, Map.of("Patient", wrong)))
          .hasMessageContaining("botox.validation.required-profiles.Patient")
          .hasMessageContaining(wrong);
    }
  }

  @Test
  void inModeWarnErrorsAreWarningsAndInModeOffThereAreNone() {
    String wrong = claiming(PROFILE + "botox-patient");
    assertThat(found(check(Mode.WARN, Map.of()), wrong))
        .isNotEmpty()
        .allMatch(one -> one.severity() == Severity.WARNING);
    assertThat(found(check(Mode.OFF, Map.of()), wrong)).isEmpty();
    String structure = "{\"resourceType\":\"Observation\",\"status\":\"final\"}";
    assertThat(found(check(Mode.ENFORCE, Map.of()), structure))
        .allMatch(one -> one.severity() == Severity.ERROR)
        .hasSize(1);
    assertThat(found(check(Mode.WARN, Map.of()), structure))
        .allMatch(one -> one.severity() == Severity.WARNING)
        .hasSize(1);
  }

  @Test
  void everyErrorNamesItsPlaceAndAWayOut() throws IOException {
    String text = Files.readString(
            Path.of("fhir-profiles/package/example/Procedure-example-injection.json"))
        .replace("404909007", "76601001")
        .replace("\"completed\"", "\"in-progress\"");
    assertThat(found(check(Mode.ENFORCE, Map.of()), text))
        .filteredOn(one -> one.severity() == Severity.ERROR)
        .isNotEmpty()
        .allSatisfy(finding -> {
          assertThat(finding.expression()).startsWith("Procedure");
          assertThat(finding.text()).contains("; ");
        });
  }
}
