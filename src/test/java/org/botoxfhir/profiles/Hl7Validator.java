package org.botoxfhir.profiles;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * HL7's own validator, as a process of its own: its classes are those of HAPI's validator in another version. It asks neither a registry
 * of packages nor a terminology server.
 */
final class Hl7Validator {
  private static final Path PROGRAM = Path.of("src", "test", "hl7-validator");
  private static final Path CLASS_PATH = Path.of("target", "hl7-validator.classpath");

  private Hl7Validator() {}

  /** What is wrong. @param at FHIRPath of the element */
  record Issue(String severity, String at, String says) {
    boolean isError() {
      return severity.equals("error") || severity.equals("fatal");
    }
  }

  /**
   * Validates all files of a folder.
   *
   * @param work folder for what it needs, kept for the next time
   * @param tgz the package with the profiles
   * @return the issues of each file, by its name
   */
  static Map<String, List<Issue>> validate(Path work, Path tgz, Path resources)
      throws IOException, InterruptedException {
    if (!Files.exists(CLASS_PATH)) {
      throw new IllegalStateException(
          "%s is missing; mvn process-test-classes makes it".formatted(CLASS_PATH));
    }
    makeCrossVersionPackage(work);
    Path outcomes = work.resolve("outcomes.json");
    Files.deleteIfExists(outcomes);
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            // It lives for seconds: the second compiler would take more time than it saves.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Xmx1g",
            "-cp",
            Files.readString(CLASS_PATH).strip(),
            PROGRAM.resolve("Validate.java").toString(),
            work.toString(),
            tgz.toString(),
            resources.toString(),
            outcomes.toString())
        .redirectErrorStream(true)
        .start();
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IllegalStateException("HL7's validator failed: " + said);
    }
    Map<String, List<Issue>> byFile = new HashMap<>();
    FhirPackage.read(outcomes).properties().forEach(file -> {
      List<Issue> issues = new ArrayList<>();
      for (JsonNode issue : file.getValue()) {
        issues.add(new Issue(
            issue.get("severity").asText(),
            issue.get("at").asText(),
            issue.get("says").asText()));
      }
      byFile.put(file.getKey(), issues);
    });
    return byFile;
  }

  /** The package by which it knows elements of other versions as extensions, with those of a SubscriptionTopic of R5 only. */
  private static void makeCrossVersionPackage(Path work) throws IOException {
    Path folder =
        work.resolve(".fhir").resolve("packages").resolve("hl7.fhir.xver-extensions#0.1.0");
    Path content = Files.createDirectories(folder.resolve("package"));
    Files.writeString(content.resolve("package.json"), """
        {"name": "hl7.fhir.xver-extensions", "version": "0.1.0", "fhirVersions": ["4.0.1"], "tools-version": 3}
        """);
    Files.writeString(content.resolve(".index.json"), """
        {"index-version": 2, "files": []}
        """);
    String paths = "xver-paths-5.0.json";
    Files.copy(
        PROGRAM.resolve(paths),
        Files.createDirectories(folder.resolve("other")).resolve(paths),
        StandardCopyOption.REPLACE_EXISTING);
  }
}
