package org.botoxfhir.profiles;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.flipkart.zjsonpatch.JsonPatch;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The files of {@code fhir-profiles} that tests read. */
final class FhirPackage {
  static final Path FOLDER = Path.of("fhir-profiles");
  static final String PROFILE = "https://botoxfhir.org/fhir/StructureDefinition/";

  private static final Path PACKAGE = FOLDER.resolve("package");
  private static final ObjectMapper JSON = new ObjectMapper();

  private FhirPackage() {}

  /**
   * A valid example with one thing wrong.
   *
   * @param why what is wrong
   * @param example file name of the valid one, without {@code .json}
   * @param resource the invalid one
   * @param at where a validator says so: FHIRPath of the element
   * @param says what the message contains
   */
  record InvalidExample(String why, String example, JsonNode resource, String at, String says) {
    String name() {
      return example + ": " + why;
    }

    /** Whether an error is about what is wrong: a validator may say it in two ways, and of what is below an element, too. */
    boolean explains(String location, String message) {
      boolean ofAnElement = at.contains(".");
      return location.equals(at)
          || message.contains(says)
          || (ofAnElement && location.startsWith(at + "."));
    }

    /** Whether an error is exactly what is expected. */
    boolean isExpected(String location, String message) {
      return location.equals(at) && message.contains(says);
    }
  }

  static Stream<InvalidExample> invalidExamples() {
    List<InvalidExample> all = new ArrayList<>();
    for (JsonNode one : read(FOLDER.resolve("invalid-examples.json"))) {
      String example = one.get("example").asText();
      all.add(new InvalidExample(
          one.get("why").asText(),
          example,
          JsonPatch.apply(one.get("patch"), read(example(example))),
          one.get("at").asText(),
          one.get("says").asText()));
    }
    return all.stream();
  }

  static Stream<Path> definitions() {
    return resources(PACKAGE);
  }

  static Stream<Path> examples() {
    return resources(PACKAGE.resolve("example"));
  }

  static Path example(String name) {
    return PACKAGE.resolve("example").resolve(name + ".json");
  }

  /** The profiles that a resource says it conforms to. */
  static List<String> claims(Path file) {
    List<String> claims = new ArrayList<>();
    read(file).at("/meta/profile").forEach(claim -> claims.add(claim.asText()));
    return claims;
  }

  static JsonNode read(Path file) {
    try {
      return JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code mvn package} does it. */
  static void pack(Path tgz) throws IOException {
    try (OutputStream file = Files.newOutputStream(tgz);
        var tar = new TarArchiveOutputStream(new GZIPOutputStream(file));
        Stream<Path> content = Files.walk(PACKAGE)) {
      tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
      for (Path path : content.filter(Files::isRegularFile).sorted().toList()) {
        byte[] bytes = Files.readAllBytes(path);
        var entry = new TarArchiveEntry("package/" + PACKAGE.relativize(path));
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
      }
    }
  }

  private static Stream<Path> resources(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches("[A-Z]\\w+-.+\\.json"))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
