package org.botoxfhir.triage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The shipped rule file as text, to be broken by tests. */
final class RuleFile {
  private RuleFile() {}

  static String text() throws Exception {
    try (InputStream file = RuleSet.class.getResourceAsStream("/" + RuleSet.FILE)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** The rules of the shipped file with one edit. */
  static RuleSet edited(String from, String to) throws Exception {
    String text = text();
    assertThat(text).as("what the edit replaces").contains(from);
    return RuleSetReader.read("edited.yaml", new StringReader(text.replace(from, to)));
  }

  /** The shipped file without a rule. */
  static RuleSet without(String rule) throws Exception {
    return edited(ruleText(rule), "");
  }

  /** The lines of a rule. */
  static String ruleText(String rule) throws Exception {
    String text = text();
    int start = text.indexOf("  - id: " + rule + "\n");
    assertThat(start).as("rule %s", rule).isPositive();
    int source = text.indexOf("    source: ", start);
    return text.substring(start, text.indexOf('\n', source) + 1);
  }

  /** Version and digest of all lines but comments. */
  static String digestOfWhatCounts() throws Exception {
    String lines = text()
        .lines()
        .filter(line -> !line.isBlank() && !line.strip().startsWith("#"))
        .collect(Collectors.joining("\n"));
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(lines.getBytes(StandardCharsets.UTF_8));
    return RuleSet.shipped().version() + " " + HexFormat.of().formatHex(digest).substring(0, 16);
  }

  static TriageFacts nothingReadable() {
    return new TriageFacts(List.of(), Set.of(), List.of());
  }
}
