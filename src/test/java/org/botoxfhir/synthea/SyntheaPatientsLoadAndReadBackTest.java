package org.botoxfhir.synthea;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Three generated children with cerebral palsy, one of them treated with botulinum toxin; see {@code docs/synthea.md}. */
@ServiceTest(properties = "botox.fhir.types=*", ownDatabase = true)
class SyntheaPatientsLoadAndReadBackTest {
  private static final Path PATIENTS = Path.of("src", "test", "resources", "synthea");

  @Autowired
  private Fhir fhir;

  @Test
  void everyGeneratedResourceIsStoredOnceAndReadsBackEqualInMeaning() throws Exception {
    var report = SyntheaLoad.load(fhir.base(), PATIENTS);

    assertThat(report.differences()).isEmpty();
    assertThat(report.created()).isEqualTo(report.sent());
    assertThat(report.stored()).isEqualTo(report.sent());
    assertThat(report.sent())
        .containsEntry("Patient", 3)
        .containsKeys("Procedure", "Practitioner", "Organization");
    assertThat(fhir.get("Procedure?code=http%3A%2F%2Fsnomed.info%2Fsct%7C404909007")
            .body())
        .as("injections of botulinum toxin")
        .contains("404909007");
  }
}
