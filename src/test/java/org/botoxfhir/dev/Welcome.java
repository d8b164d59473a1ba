package org.botoxfhir.dev;

import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.env.Environment;

/** Says where the service is and what to try, once it takes requests. */
public final class Welcome implements ApplicationListener<ApplicationReadyEvent> {

  @Override
  public void onApplicationEvent(ApplicationReadyEvent event) {
    Environment environment = event.getApplicationContext().getEnvironment();
    String fhir =
        "http://localhost:%s/fhir".formatted(environment.getRequiredProperty("local.server.port"));
    String management = "http://localhost:%s/actuator"
        .formatted(environment.getRequiredProperty("local.management.port"));
    String kafka = environment.getRequiredProperty("botox.kafka.bootstrap-servers");
    String issuer = environment.getProperty("botox.security.issuer", "");
    String authentication = issuer.isEmpty()
        ? "development mode: no authentication, loopback only"
        : "every request needs an access token of " + issuer;
    System.out.println("""

        The Botox FHIR service is ready (%4$s).

          FHIR        %1$s
          management  %2$s
          Kafka       %3$s

        Try, from the project's folder:

          1. load the sample patient
             curl -H 'Content-Type: application/fhir+json' --data @src/test/resources/examples/chronic-migraine.json %1$s
          2. send a symptom report
             curl -H 'Content-Type: application/fhir+json' --data @src/test/resources/examples/chronic-migraine-report.json %1$s/QuestionnaireResponse
          3. watch the events
             mvn -q -Pstart -Dspring-boot.run.arguments=--watch
             or, with kcat: kcat -C -b %3$s -t botox.symptom-reports.v1 -f '%%k %%h\\n%%s\\n'
        """.formatted(fhir, management, kafka, authentication));
  }
}
