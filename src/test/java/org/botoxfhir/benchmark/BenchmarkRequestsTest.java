package org.botoxfhir.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.List;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;

/** The requests of the benchmarks, on a few patients: a measurement of refusals would be of no worth. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BenchmarkRequestsTest {
  private static final int PATIENTS = 30;
  private static final int CONNECTIONS = 2;

  @Autowired
  Fhir fhir;

  private Seed seed;

  @BeforeAll
  void records() {
    seed = new Seed(fhir.base());
    seed.grow(PATIENTS / 2, CONNECTIONS);
    seed.grow(PATIENTS, CONNECTIONS);
  }

  @Test
  void anAnswerWithAnotherStatusEndsTheRunAndSaysWhich() {
    var wrong = new Workload(
        "wrong",
        200,
        (connection, random) -> Workload.get(seed.base().getPath() + "/Patient/not-there"));
    assertThatIllegalStateException()
        .isThrownBy(
            () -> new Load(seed.base(), CONNECTIONS, 0).run(wrong, Duration.ofSeconds(1), 1))
        .withStackTraceContaining("GET /fhir/Patient/not-there HTTP/1.1 was answered 404")
        .withStackTraceContaining("OperationOutcome");
  }

  @Test
  void aWorkloadThatDoesNotExistIsRefusedWithThoseThatDo() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Workloads.requireKnown(List.of("read", "write")))
        .withMessageContaining("no workload write")
        .withMessageContaining("search-code");
  }

  @Test
  void everyWorkloadIsAnsweredAsItExpects() {
    var workloads = new Workloads(seed, CONNECTIONS);
    for (Workload workload : workloads.named(List.of())) {
      workloads.prepare(workload, fhir);
      Latencies latencies =
          new Load(seed.base(), CONNECTIONS, 0).run(workload, Duration.ofMillis(100), 1);
      assertThat(latencies.size()).as(workload.name()).isPositive();
    }
  }

  @Test
  void everyShapeOfTheMixFindsSomething() {
    List<Workload> shapes = new QueryMix(seed).shapes();
    assertThat(shapes).hasSize(31);
    assertThat(shapes)
        .allSatisfy(shape -> assertThat(QueryMix.found(shape.answer(seed.base(), 1)))
            .as(shape.name())
            .isPositive());
  }

  @Test
  void requestsThatAreDueCountFromThen() {
    Workload read = new Workloads(seed, CONNECTIONS).named(List.of("read")).getFirst();
    Latencies latencies =
        new Load(seed.base(), CONNECTIONS, 50).run(read, Duration.ofSeconds(1), 1);
    assertThat(latencies.size()).isEqualTo(50);
  }
}
