package org.botoxfhir;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** The Botox FHIR service. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class BotoxFhirApplication {

  /** Starts the service with the settings of {@code application.yaml}, environment and command line. */
  public static void main(String[] args) {
    SpringApplication.run(BotoxFhirApplication.class, args);
  }
}
