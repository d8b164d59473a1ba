package org.botoxfhir.trace;

import io.micrometer.tracing.otel.bridge.OtelTracer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What of Spring Boot's tracing is not wanted. */
@Configuration(proxyBeanMethods = false)
class TracingConfiguration {

  /** Would write the ids of each step to the log's context and back; the id of the trace is enough there, once for each request. */
  @Bean
  OtelTracer.EventPublisher traceEvents() {
    return event -> {};
  }
}
