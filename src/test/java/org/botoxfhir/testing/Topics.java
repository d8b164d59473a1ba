package org.botoxfhir.testing;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;

/** Topics that a test makes itself, each with one partition. */
public final class Topics {
  private Topics() {}

  /** A new topic that refuses {@link MadeUpEvents#large}. @return its name, which no other test uses */
  public static String forSmallEvents(String bootstrapServers) {
    String topic = "botox.small-" + UUID.randomUUID();
    create(bootstrapServers, topic, 2000);
    return topic;
  }

  /** Makes a topic that takes records of so many bytes at most. */
  public static void create(String bootstrapServers, String topic, int bytes) {
    create(
        bootstrapServers,
        topic,
        Map.of(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, Integer.toString(bytes)));
  }

  /** @param settings of the topic */
  public static void create(String bootstrapServers, String topic, Map<String, String> settings) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin
          .createTopics(Set.of(new NewTopic(topic, 1, (short) 1).configs(settings)))
          .all()
          .get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("cannot make topic " + topic, e);
    }
  }

  /** Lets a consumer group begin behind what others have sent so far. */
  public static void skip(String bootstrapServers, String topic, String group) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      Map<TopicPartition, OffsetSpec> ends =
          admin.describeTopics(Set.of(topic)).allTopicNames().get().values().stream()
              .flatMap(described -> described.partitions().stream())
              .map(partition -> new TopicPartition(topic, partition.partition()))
              .collect(Collectors.toMap(partition -> partition, any -> OffsetSpec.latest()));
      Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
      admin
          .listOffsets(ends)
          .all()
          .get()
          .forEach((partition, end) -> offsets.put(partition, new OffsetAndMetadata(end.offset())));
      admin.alterConsumerGroupOffsets(group, offsets).all().get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("cannot skip what is in topic " + topic, e);
    }
  }

  /** From here on everybody may only read the topic: where anything is allowed all else is forbidden. */
  public static void forbidWriting(String bootstrapServers, String topic) {
    // Who may read may also describe.
    var reading = new AclBinding(
        new ResourcePattern(ResourceType.TOPIC, topic, PatternType.LITERAL),
        new AccessControlEntry("User:*", "*", AclOperation.READ, AclPermissionType.ALLOW));
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
      admin.createAcls(Set.of(reading)).all().get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("cannot forbid writing to topic " + topic, e);
    }
  }
}
