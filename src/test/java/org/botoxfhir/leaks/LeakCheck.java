package org.botoxfhir.leaks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What the test run let out tells of none of its patients. Not a test like the others: Maven runs it after them, in a JVM of its own, once
 * all that they started has ended (execution {@code leak-check} of surefire).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeakCheck {
  /** A name, a birth date and an identifier of patients whom many tests send and store. */
  private static final List<String> WELL_KNOWN =
      List.of("Exampleton", "1963-01-09", "MRN-58210473");

  private static final int MOST_SHOWN = 20;

  private List<String> personal;
  private LeakSearch search;

  @BeforeAll
  void read() throws IOException {
    assertThat(Captured.PERSONAL).as("what the tests capture; run them first").exists();
    personal = Files.readAllLines(Captured.PERSONAL);
    search = new LeakSearch(personal);
  }

  @Test
  void everythingWasCapturedThatShouldBe() throws IOException {
    if (Files.exists(Captured.FAILURES)) {
      assertThat(Files.readString(Captured.FAILURES)).isEmpty();
    }
    assertThat(personal).containsAll(WELL_KNOWN);
  }

  @ParameterizedTest
  @EnumSource
  void noChannelTellsOfAPatient(Channel channel) {
    try (Stream<Line> lines = lines(channel)) {
      var leaks = lines
          .map(line -> new Leak(line, found(channel, line.text())))
          .filter(leak -> !leak.values().isEmpty())
          .limit(MOST_SHOWN)
          .toList();
      assertThat(leaks)
          .as("what tells of patients, of which the first are shown")
          .isEmpty();
    }
    try (Stream<Line> lines = lines(channel)) {
      assertThat(lines.anyMatch(line -> line.text().contains(channel.always())))
          .as("a line with '%s': without it the channel was not captured", channel.always())
          .isTrue();
    }
  }

  private Set<String> found(Channel channel, String line) {
    if (channel != Channel.REFUSAL) {
      return search.in(line);
    }
    // A caller may be told what it sent, and nothing of anybody else.
    Captured.Refusal refusal = Captured.refusal(line);
    Set<String> found = search.in(refusal.answer());
    if (!found.isEmpty()) {
      found.removeAll(search.in(refusal.request()));
    }
    return found;
  }

  private record Line(Path file, String text) {}

  private record Leak(Line line, Set<String> values) {
    @Override
    public String toString() {
      return "%s in %s: %s".formatted(values, line.file(), line.text());
    }
  }

  private static Stream<Line> lines(Channel channel) {
    Path folder = Captured.FOLDER.resolve(channel.folder());
    if (!Files.exists(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(Files::isRegularFile).toList().stream()
          .flatMap(file -> text(file).lines().map(line -> new Line(file, line)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whatever its bytes are: what is no UTF-8 is no reason not to look at the rest. */
  private static String text(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
