package org.botoxfhir.profiles;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.hl7.fhir.convertors.factory.VersionConvertorFactory_40_50;
import org.hl7.fhir.r4.model.Basic;
import org.hl7.fhir.r5.model.Enumerations.PublicationStatus;
import org.hl7.fhir.r5.model.SubscriptionTopic;
import org.junit.jupiter.api.Test;

/** The topics as HL7's converter reads them: SubscriptionTopics of R5. */
class SubscriptionTopicsTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  private static List<SubscriptionTopic> topics() {
    return FhirPackage.definitions()
        .filter(file -> file.getFileName().toString().startsWith("Basic-"))
        .map(SubscriptionTopicsTest::read)
        .toList();
  }

  private static SubscriptionTopic read(Path file) {
    try {
      return (SubscriptionTopic) VersionConvertorFactory_40_50.convertResource(
          FHIR.newJsonParser().parseResource(Basic.class, Files.readString(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void eachIsADraftSinceNobodyCanSubscribeYet() {
    assertThat(topics())
        .extracting(SubscriptionTopic::getUrl)
        .containsExactlyInAnyOrder(
            "https://botoxfhir.org/fhir/SubscriptionTopic/symptom-report",
            "https://botoxfhir.org/fhir/SubscriptionTopic/adverse-event");
    assertThat(topics()).allSatisfy(topic -> {
      assertThat(topic.getStatus()).isEqualTo(PublicationStatus.DRAFT);
      assertThat(topic.getTitle()).isNotBlank();
      assertThat(topic.getExtension()).as("what was not understood").isEmpty();
    });
  }

  @Test
  void eachTellsOfABeginningAChangeAndAnEnd() {
    assertThat(topics())
        .flatExtracting(SubscriptionTopic::getResourceTrigger)
        .hasSize(3)
        .allSatisfy(trigger -> assertThat(trigger.getSupportedInteraction())
            .extracting(interaction -> interaction.getValue().toCode())
            .containsExactlyInAnyOrder("create", "update", "delete"));
  }

  @Test
  void whatTheyFilterByIsSearchedByInThePackageToo() {
    Set<String> promised = new TreeSet<>();
    FhirPackage.read(Path.of("fhir-profiles/package/CapabilityStatement-botox-fhir-server.json"))
        .at("/rest/0/resource")
        .forEach(type -> type.path("searchParam")
            .forEach(parameter -> promised.add(
                type.get("type").asText() + "." + parameter.get("name").asText())));
    assertThat(topics().stream()
            .flatMap(topic -> topic.getCanFilterBy().stream())
            .map(filter ->
                filter.getResource().replaceAll(".*/", "") + "." + filter.getFilterParameter())
            .collect(Collectors.toSet()))
        .hasSize(7)
        .isSubsetOf(promised);
  }
}
