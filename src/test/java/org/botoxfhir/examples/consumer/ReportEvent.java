package org.botoxfhir.examples.consumer;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What an alerting service needs of an event.
 *
 * @param id CloudEvents id; the same whenever the same event is sent again
 * @param report reference of the report
 * @param version of the report; a later one has all that is to be known, not the difference
 */
record ReportEvent(String id, Kind kind, String report, long version, Urgency urgency) {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern TYPE =
      Pattern.compile("org\\.botoxfhir\\.symptom-report\\.(submitted|amended|retracted)\\.v1");
  private static final Pattern SUBJECT = Pattern.compile("(.+)/_history/([0-9]{1,18})");

  /** What happened to the report. */
  enum Kind {
    SUBMITTED,
    AMENDED,
    RETRACTED
  }

  /** Least first. */
  enum Urgency {
    ROUTINE,
    URGENT,
    EMERGENCY
  }

  /**
   * Reads a record; empty for an event of a type that this consumer does not know, which is not an error: types may be added.
   *
   * @throws UnreadableEventException when it is not what the contract promises
   */
  static Optional<ReportEvent> of(ConsumerRecord<String, byte[]> record)
      throws UnreadableEventException {
    Matcher type = TYPE.matcher(header(record, "ce_type"));
    if (!type.matches()) {
      return Optional.empty();
    }
    Matcher subject = SUBJECT.matcher(header(record, "ce_subject"));
    if (!subject.matches()) {
      throw new UnreadableEventException("ce_subject is no versioned reference");
    }
    return Optional.of(new ReportEvent(
        header(record, "ce_id"),
        Kind.valueOf(type.group(1).toUpperCase(Locale.ROOT)),
        subject.group(1),
        Long.parseLong(subject.group(2)),
        urgency(record)));
  }

  /** For the log and dead letters: ids only. */
  static String describe(ConsumerRecord<?, ?> record) {
    return "%s-%d@%d".formatted(record.topic(), record.partition(), record.offset());
  }

  private static Urgency urgency(ConsumerRecord<String, byte[]> record)
      throws UnreadableEventException {
    if (record.value() == null) {
      throw new UnreadableEventException("there is no value");
    }
    try {
      JsonNode urgency = JSON.readTree(record.value()).at("/triage/urgency");
      return Urgency.valueOf(urgency.asString("").toUpperCase(Locale.ROOT));
    } catch (JacksonException e) {
      throw new UnreadableEventException("the value is no JSON");
    } catch (IllegalArgumentException e) {
      throw new UnreadableEventException("triage.urgency is not known");
    }
  }

  private static String header(ConsumerRecord<?, ?> record, String name)
      throws UnreadableEventException {
    Header header = record.headers().lastHeader(name);
    if (header == null || header.value() == null) {
      throw new UnreadableEventException("header " + name + " is missing");
    }
    return new String(header.value(), StandardCharsets.UTF_8);
  }
}
