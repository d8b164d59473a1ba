package org.botoxfhir.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class GeneratedPackageTest {
  @Test
  void thePackageIsWhatItsSourcesGenerate() throws IOException, InterruptedException {
    assumeTrue(isInstalled("node") && isInstalled("npm"), "node and npm are not installed");
    Process build = new ProcessBuilder("fhir-profiles/build", "--check")
        .redirectErrorStream(true)
        .start();
    build.getOutputStream().close();
    String said = new String(build.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(build.waitFor()).as(said).isZero();
  }

  private static boolean isInstalled(String program) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}
