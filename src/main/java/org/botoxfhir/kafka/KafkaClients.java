package org.botoxfhir.kafka;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.springframework.stereotype.Component;

/** Makes Kafka clients by the settings. Making one fails with a KafkaException while no broker's name can be resolved. */
@Component
class KafkaClients {
  private final KafkaSettings settings;

  KafkaClients(KafkaSettings settings) {
    this.settings = settings;
  }

  KafkaProducer<String, byte[]> producer() {
    Map<String, Object> properties = common("botox-fhir-events");
    properties.put("acks", "all");
    properties.put("enable.idempotence", true);
    // One request at a time and a producer that is closed at its first failure: no event can
    // overtake an earlier one of its key.
    properties.put("max.in.flight.requests.per.connection", 1);
    properties.put("compression.type", "lz4");
    properties.put("delivery.timeout.ms", 10_000);
    properties.put("request.timeout.ms", 5_000);
    properties.put("max.block.ms", 5_000);
    properties.putAll(settings.properties());
    return new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer());
  }

  Admin admin() {
    Map<String, Object> properties = common("botox-fhir-topics");
    properties.put("default.api.timeout.ms", 10_000);
    properties.put("request.timeout.ms", 5_000);
    properties.putAll(settings.properties());
    return Admin.create(properties);
  }

  private Map<String, Object> common(String clientId) {
    Map<String, Object> properties = new LinkedHashMap<>();
    properties.put("bootstrap.servers", settings.bootstrapServers());
    properties.put("client.id", clientId);
    // A broker that is away is asked every two seconds, not twenty times a second.
    properties.put("reconnect.backoff.max.ms", 2_000);
    return properties;
  }
}
