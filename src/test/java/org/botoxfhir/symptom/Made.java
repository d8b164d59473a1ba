package org.botoxfhir.symptom;

import com.networknt.schema.JsonSchema;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Objects;
import java.util.function.Consumer;
import org.botoxfhir.contract.ClosedSchema;
import org.botoxfhir.security.PatientPseudonym;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** What the tests of the intake share. */
final class Made {
  private Made() {}

  /** A pseudonym with a made-up secret. */
  static PatientPseudonym pseudonym() {
    var made = new ArrayList<PatientPseudonym>();
    Consumer<ApplicationContext> keep =
        context -> made.add(context.getBean(PatientPseudonym.class));
    new ApplicationContextRunner()
        .withUserConfiguration(PatientPseudonym.class, Pseudonyms.class)
        .withPropertyValues("botox.events.pseudonym-key=made-up-and-long-enough-for-a-test")
        .run(keep::accept);
    return made.getFirst();
  }

  @ConfigurationPropertiesScan("org.botoxfhir.security")
  static class Pseudonyms {}

  /** The closed schema of an event, by the name of its file. */
  static JsonSchema schema(String name) {
    return ClosedSchema.shipped(name);
  }

  /** A text on the class path. */
  static String text(String name) {
    try (InputStream text = Objects.requireNonNull(Made.class.getResourceAsStream(name), name)) {
      return new String(text.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
