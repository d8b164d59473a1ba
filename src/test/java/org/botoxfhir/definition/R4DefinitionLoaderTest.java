package org.botoxfhir.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.botoxfhir.store.DefinitionSetTable;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Shares its service with the test of the operations, which need R4's definitions too. */
@ServiceTest(
    properties = {
      "botox.definitions.load=true",
      "botox.terminology.max-expansion=1000",
      "botox.fhir.read-only-types=AuditEvent"
    })
class R4DefinitionLoaderTest {
  /** Of FHIR 4.0.1; every one but those that its own id is taken of. */
  private static final int CODE_SYSTEMS = 1062;

  private static final int VALUE_SETS = 1316;

  @Autowired
  Fhir fhir;

  @Autowired
  R4DefinitionLoader loader;

  @Autowired
  DefinitionSetTable sets;

  @Autowired
  JdbcClient jdbc;

  @BeforeEach
  void stored() {
    await("R4's definitions").atMost(Duration.ofMinutes(2)).until(() -> !sets.incomplete());
  }

  @AfterEach
  void complete() {
    sets.finish(R4DefinitionLoader.SET, R4DefinitionLoader.EDITION);
  }

  private int number(String type) {
    String ours = fhir.get(type + "?url:below=https://botoxfhir.org/fhir&_summary=count")
        .json()
        .path("total")
        .toString();
    String all = fhir.get(type + "?_summary=count").json().path("total").toString();
    return Integer.parseInt(all) - Integer.parseInt(ours);
  }

  private long versions() {
    return jdbc.sql("select count(*) + (select count(*) from resource_history) from resource")
        .query(Long.class)
        .single();
  }

  /** As after a kill before the end. */
  private void forgetThatAllAreStored() {
    jdbc.sql("update definition_set set complete = false").update();
  }

  @Test
  void allOfR4IsOnFileLikeAnyOtherResource() {
    assertThat(number("CodeSystem")).isGreaterThanOrEqualTo(CODE_SYSTEMS);
    assertThat(number("ValueSet")).isGreaterThanOrEqualTo(VALUE_SETS);
    assertThat(fhir.get("ValueSet/administrative-gender").json().path("url").asString())
        .isEqualTo("http://hl7.org/fhir/ValueSet/administrative-gender");
    assertThat(fhir.get("CodeSystem?url=http://terminology.hl7.org/CodeSystem/v3-ActCode")
            .json()
            .at("/entry/0/resource/id")
            .asString())
        .isEqualTo("v3-ActCode");
    assertThat(fhir.get("CodeSystem?code=female&url=http://hl7.org/fhir/administrative-gender")
            .json()
            .path("entry")
            .size())
        .isEqualTo(1);
  }

  @Test
  void anIdThatOurDefinitionHasStaysItsOwn() {
    assertThat(fhir.get("ValueSet/performer-role").json().path("url").asString())
        .isEqualTo("https://botoxfhir.org/fhir/ValueSet/performer-role");
    assertThat(fhir.get("ValueSet/r4-performer-role").json().path("url").asString())
        .isEqualTo("http://hl7.org/fhir/ValueSet/performer-role");
  }

  /** What is missing is what a replica that was killed had left. */
  @Test
  void replicasThatStoreAtTheSameTimeAddWhatIsMissingAndNothingElse() throws Exception {
    long before = versions();
    List<String> missing = List.of("ValueSet/v3-Race", "CodeSystem/v3-Sequencing");
    for (String one : missing) {
      assertThat(fhir.delete(one).status()).isIn(200, 204);
    }
    forgetThatAllAreStored();
    Callable<Void> start = () -> {
      loader.load(List.of("v3-codesystems.xml"));
      return null;
    };
    try (var replicas = Executors.newFixedThreadPool(2)) {
      for (Future<Void> replica : replicas.invokeAll(List.of(start, start))) {
        replica.get();
      }
    }
    assertThat(sets.incomplete()).isFalse();
    for (String one : missing) {
      assertThat(fhir.get(one).status()).isEqualTo(200);
    }
    // A deletion and its end for each
    assertThat(versions()).isEqualTo(before + 2L * missing.size());
  }

  @Test
  void whileSomeMayBeMissingWhatIsNotFoundIsNoAnswer() {
    forgetThatAllAreStored();
    String unknown = "ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/of-no-release";
    Fhir.Answer answer = fhir.get(unknown);
    assertThat(answer.status()).isEqualTo(503);
    assertThat(answer.header("Retry-After")).isEqualTo("10");
    assertThat(fhir.get("Patient?gender:in=http://hl7.org/fhir/ValueSet/of-no-release")
            .status())
        .isEqualTo(503);
    assertThat(fhir.get("ValueSet/$expand?url=http://hl7.org/fhir/ValueSet/administrative-gender")
            .status())
        .isEqualTo(200);
    complete();
    assertThat(fhir.get(unknown).status()).isEqualTo(404);
  }

  @Test
  void anEditionThatIsOnFileIsNotAnnouncedAgain() {
    assertThat(sets.announce(R4DefinitionLoader.SET, R4DefinitionLoader.EDITION))
        .isFalse();
    assertThat(sets.announce(R4DefinitionLoader.SET, "another")).isTrue();
    assertThat(sets.incomplete()).isTrue();
    sets.withdraw(R4DefinitionLoader.SET);
    assertThat(sets.incomplete()).isFalse();
    assertThat(sets.announce(R4DefinitionLoader.SET, R4DefinitionLoader.EDITION))
        .isTrue();
  }
}
