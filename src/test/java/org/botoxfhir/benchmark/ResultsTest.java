package org.botoxfhir.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is computed of what was measured. */
class ResultsTest {

  private static Usage usage(
      double seconds, double machine, double service, double database, double load) {
    return new Usage((long) (seconds * 1e9), machine, service, database, 0.5, load);
  }

  @Test
  void aPassDividesRequestsByTheProcessorTimeOfServiceAndDatabase() {
    Map<String, Double> pass = Results.pass(
        Latencies.of(new double[] {1, 2, 3, 4}),
        usage(10, 100, 20, 30, 1),
        usage(12, 103, 21, 30.25, 1.5),
        400);

    assertThat(pass)
        .containsEntry(Results.PER_PROCESSOR_SECOND, 4 / 1.25)
        .containsEntry(Results.PER_SECOND, 2.0)
        .containsEntry(Results.SERVICE, 250.0)
        .containsEntry(Results.DATABASE, 62.5)
        .containsEntry(Results.OTHER, 62.5)
        .containsEntry(Results.LOAD, 25.0)
        .containsEntry(Results.P50, 2.0);
  }

  @Test
  void theMedianIsThatOfEachMeasure() {
    assertThat(Results.median(List.of(
            Map.of("a", 1.0, "b", 9.0), Map.of("a", 3.0, "b", 8.0), Map.of("a", 2.0, "b", 1.0))))
        .containsEntry("a", 2.0)
        .containsEntry("b", 8.0);
  }

  @Test
  void aComparisonGivesTheSecondInTermsOfTheFirstForWhatBothHave(@TempDir Path folder)
      throws IOException {
    Path before = Files.writeString(folder.resolve("before.json"), """
        {"commit":"aaa","rows":[{"name":"read","median":{"p50":2.0,"gone":1.0}},{"name":"gone","median":{"p50":1.0}}]}""");
    Path after = Files.writeString(folder.resolve("after.json"), """
        {"commit":"bbb","rows":[{"name":"read","median":{"p50":3.0}}]}""");

    String table = Comparison.table(before, after);

    assertThat(table).contains("aaa", "bbb").doesNotContain("gone");
    assertThat(table.lines().toList().get(1)).matches("read +p50 +2\\.00 +3\\.00 +1\\.50x");
  }

  @Test
  void processorTimeIsReadWhateverAProcessIsCalled() {
    String stat = "42 (postgres: a) b) S 1 42 42 0 -1 4194560 1 2 3 4 100 50 7 3 20 0 1 0";
    assertThat(Usage.ofProcess(stat, false)).isEqualTo(1.5, within(1e-9));
    assertThat(Usage.ofProcess(stat, true)).isEqualTo(1.6, within(1e-9));
    assertThat(Usage.ofMachine("cpu  100 10 20 5000 30 1 2 3 0 0\ncpu0 1 1 1\n"))
        .isEqualTo(1.36, within(1e-9));
  }

  @Test
  void optionsThatAreGivenWinOverTheDefaults() {
    Options options = Options.ofWorkloads(
        List.of("--seconds=5", "read", "--java=-Xmx1g", "--java=-Xlog:gc", "--no-audit"));
    assertThat(options.names()).containsExactly("read");
    assertThat(options.time()).isEqualTo(Duration.ofSeconds(5));
    assertThat(options.java()).containsExactly("-Xmx1g", "-Xlog:gc");
    assertThat(options.audit()).isFalse();
    assertThat(options.connections()).isEqualTo(16);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"--second=5", "--seconds", "--seconds=0", "--passes=x", "--no-audit=true"})
  void anOptionThatIsNotKnownOrHasNoUsableValueIsRefused(String option) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Options.ofWorkloads(List.of(option)))
        .withMessageContaining(option.replaceFirst("=.*", ""));
  }
}
