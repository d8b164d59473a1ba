package org.botoxfhir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.annotation.Profile;

/**
 * The Botox FHIR service. With profile {@code migration} or {@code topics} nothing is served: {@link MigrationRun}, or the topics of
 * package {@code kafka}, are all that there is, and the process ends when they are done.
 */
@SpringBootApplication
@ConfigurationPropertiesScan
@Profile("!migration & !topics")
public class BotoxFhirApplication {

  /** Starts what the profiles say with the settings of {@code application.yaml}, environment and command line. */
  public static void main(String[] args) {
    SpringApplication.run(BotoxFhirApplication.class, args);
  }
}
