package org.botoxfhir.symptom;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.botoxfhir.trace.Traces;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.diagnostics.FailureAnalyzer;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** The service really does not start over triage rules that could lose an alert. */
class TriageRulesStartTest {
  private static final String FILE = "triage/rules.yaml";
  private static final String ASPIRATION = "when: { symptom: aspiration }";

  @TempDir
  private Path folder;

  @Test
  void aRuleOnASymptomThatIsNotKnownStopsTheStartAndTheOperatorReadsWhichLineItIs()
      throws Exception {
    start(rules().replace(ASPIRATION, "when: { symptom: aspirin }"), context -> {
      assertThat(context)
          .getFailure()
          .rootCause()
          .hasMessageContaining("triage/rules.yaml line ")
          .hasMessageContaining("rule aspiration: symptom 'aspirin' is not known");
      assertThat(analyses(requireNonNull(context.getStartupFailure())))
          .extracting(FailureAnalysis::getDescription)
          .singleElement(InstanceOfAssertFactories.STRING)
          .contains("rule aspiration: symptom 'aspirin' is not known");
    });
  }

  @Test
  void aMissingRuleStopsTheStart() throws Exception {
    start(
        rules().replace("  - id: no-readable-symptom", "  - id: aspiration"),
        context -> assertThat(context)
            .getFailure()
            .rootCause()
            .hasMessageContaining("rule aspiration: two rules have this id"));
  }

  @Test
  void theShippedRulesStart() throws Exception {
    start(rules(), context -> assertThat(context).hasNotFailed());
  }

  /** What the registered analyzers tell of it; those of Spring Boot that need more than the failure are left out. */
  private static List<FailureAnalysis> analyses(Throwable failure) {
    return SpringFactoriesLoader.forDefaultResourceLocation(
            Thread.currentThread().getContextClassLoader())
        .load(FailureAnalyzer.class, (type, analyzer, notMade) -> {})
        .stream()
        .map(analyzer -> analyzer.analyze(failure))
        .filter(Objects::nonNull)
        .toList();
  }

  private static String rules() throws IOException {
    try (InputStream file = TriageRulesStartTest.class.getResourceAsStream("/" + FILE)) {
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void start(String rules, ContextConsumer<AssertableApplicationContext> check)
      throws Exception {
    Files.createDirectories(folder.resolve("triage"));
    Files.writeString(folder.resolve(FILE), rules);
    try (var service = new ServiceWithOtherRules(folder)) {
      new ApplicationContextRunner()
          .withClassLoader(service)
          .withPropertyValues("botox.events.pseudonym-key=made-up-and-long-enough-for-a-test")
          .withBean(FhirContext.class, FhirContext::forR4Cached)
          .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
          .withBean(Traces.class, Traces::off)
          .withUserConfiguration(
              service.loadClass(SymptomIntakeStartTest.Settings.class.getName()),
              service.loadClass("org.botoxfhir.fhir.ServedTypes"),
              service.loadClass("org.botoxfhir.security.PatientPseudonym"),
              service.loadClass("org.botoxfhir.symptom.SymptomReportDerivation"))
          .run(check);
    }
  }

  /** The classes of the service once more, so that they read their rules once more: from the folder. */
  private static final class ServiceWithOtherRules extends URLClassLoader {
    private ServiceWithOtherRules(Path folder) throws IOException {
      super(new URL[] {folder.toUri().toURL()}, TriageRulesStartTest.class.getClassLoader());
    }

    @Override
    public URL getResource(String name) {
      URL own = name.equals(FILE) ? findResource(name) : null;
      return own != null ? own : super.getResource(name);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      synchronized (getClassLoadingLock(name)) {
        Class<?> loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        // what traces is given by the test, and so of the test's class
        if (!name.startsWith("org.botoxfhir.") || name.startsWith("org.botoxfhir.trace.")) {
          return super.loadClass(name, resolve);
        }
        try (InputStream bytes =
            getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
          if (bytes == null) {
            throw new ClassNotFoundException(name);
          }
          byte[] code = bytes.readAllBytes();
          return defineClass(name, code, 0, code.length);
        } catch (IOException failed) {
          throw new UncheckedIOException(failed);
        }
      }
    }
  }
}
