package org.botoxfhir.faults;

import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The fault points within the sink. Public with a public constructor, because Kafka makes it by its name. */
public final class FaultInterceptor
    implements ProducerInterceptor<String, byte[]>, ConsumerInterceptor<String, byte[]> {

  /** The service makes its only consumer in a take-over, after the fence and to read the positions. */
  @Override
  public void configure(Map<String, ?> settings) {
    if (settings.containsKey(ConsumerConfig.ISOLATION_LEVEL_CONFIG)) {
      FaultPoint.AFTER_FENCE.passed();
    }
  }

  @Override
  public ProducerRecord<String, byte[]> onSend(ProducerRecord<String, byte[]> record) {
    return record;
  }

  @Override
  public void onAcknowledgement(
      @Nullable RecordMetadata acknowledged, @Nullable Exception failure) {
    if (failure == null) {
      FaultPoint.AFTER_SEND.passed();
    }
  }

  @Override
  public ConsumerRecords<String, byte[]> onConsume(ConsumerRecords<String, byte[]> records) {
    return records;
  }

  @Override
  public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

  @Override
  public void close() {}
}
