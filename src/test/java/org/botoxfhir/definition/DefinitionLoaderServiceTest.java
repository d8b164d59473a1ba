package org.botoxfhir.definition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.resource.WriteResult.Kind;
import org.botoxfhir.security.Access;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Alone in its database: it takes the definitions away that others read. */
@ServiceTest(ownDatabase = true)
class DefinitionLoaderServiceTest {
  private static final int REPLICAS = 4;

  private final DefinitionLoader loader;
  private final Resources resources;
  private final Fhir fhir;

  @Autowired
  DefinitionLoaderServiceTest(DefinitionLoader loader, Resources resources, Fhir fhir) {
    this.loader = loader;
    this.resources = resources;
    this.fhir = fhir;
  }

  @Test
  void aSecondStartMakesNoNewVersions() {
    assertThat(loader.load())
        .isNotEmpty()
        .extracting(WriteResult::kind)
        .containsOnly(Kind.UNCHANGED);
  }

  @Test
  void replicasThatStartTogetherWriteEachDefinitionOnce() throws Exception {
    List<ResourceKey> keys =
        loader.load().stream().map(result -> result.version().key()).toList();
    List<Write> deletions =
        keys.stream().<Write>map(key -> new Write.Delete(key, null)).toList();
    List<WriteResult> deleted =
        resources.transaction(Access.SERVICE, transaction -> transaction.write(deletions));

    var together = new CyclicBarrier(REPLICAS);
    List<Callable<List<WriteResult>>> starts = new ArrayList<>();
    for (int replica = 0; replica < REPLICAS; replica++) {
      starts.add(() -> {
        together.await();
        return loader.load();
      });
    }
    int written = 0;
    try (var replicas = Executors.newFixedThreadPool(REPLICAS)) {
      for (var start : replicas.invokeAll(starts)) {
        written += (int) start.get().stream()
            .filter(result -> result.kind() != Kind.UNCHANGED)
            .count();
      }
    }
    assertThat(written).isEqualTo(keys.size());
    for (WriteResult before : deleted) {
      assertThat(resources.read(Access.SERVICE, before.version().key()).version())
          .isEqualTo(before.version().version() + 1);
    }
    assertThat(fhir.get("Questionnaire/botox-symptom-report").status()).isEqualTo(200);
  }

  @Test
  void clientsCannotChangeAShippedCodeSystem() {
    String system = fhir.get("CodeSystem/triage-urgency").body();
    assertThat(fhir.put(
                "CodeSystem/triage-urgency", system.replace("Emergency help now.", "Have a tea."))
            .status())
        .isBetween(400, 499);
    assertThat(fhir.get("CodeSystem/triage-urgency").body()).isEqualTo(system);
  }
}
