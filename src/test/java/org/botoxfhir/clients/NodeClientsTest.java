package org.botoxfhir.clients;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.NodePackages;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JavaScript clients work with the running service; what they assert themselves is in {@code src/test/clients/fhir.mjs}, and what the
 * service has afterwards is looked at from here. Skipped only where Node.js is not installed; the packages are fetched by npm.
 */
@ServiceTest
class NodeClientsTest {
  @Autowired
  Fhir fhir;

  @BeforeAll
  static void packagesAreInstalled() {
    assumeTrue(NodePackages.available(), "Node.js with npm is not installed");
    NodePackages.install();
  }

  @ParameterizedTest
  @ValueSource(strings = {"fhir-kit-client", "fhirclient", "@medplum/core"})
  void createsReadsSearchesPagesPatchesTransactsAndDeletes(String client) {
    String run = UUID.randomUUID().toString();

    var outcome = NodePackages.node("fhir.mjs", client, fhir.base().toString(), run);

    assertThat(outcome.status()).as(outcome.output()).isZero();
    JsonNode made =
        JsonMapper.shared().readTree(outcome.output().lines().toList().getLast());
    JsonNode patient = fhir.get("Patient?identifier=patient-" + run).json().at("/entry/0/resource");
    assertThat(patient.path("id").asString()).isEqualTo(made.path("patient").asString());
    assertThat(patient.path("gender").asString()).isEqualTo("female");
    assertThat(patient.at("/name/0/family").asString()).isEqualTo("Núñez-" + run);
    assertThat(fhir.get("Observation?_sort=date&patient=" + patient.path("id").asString())
            .json()
            .path("entry")
            .valueStream()
            .map(entry -> entry.at("/resource/id").asString()))
        .containsExactlyElementsOf(
            made.path("observations").valueStream().map(JsonNode::asString).toList());
    assertThat(fhir.get("Observation/" + made.path("deleted").asString()).status())
        .isEqualTo(410);
  }
}
