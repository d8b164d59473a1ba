package org.botoxfhir.testing;

import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.botoxfhir.outbox.NewEvent;

/** Events about nobody. */
public final class MadeUpEvents {
  public static final String TOPIC = "botox.symptom-reports.v1";
  public static final String TYPE = "org.botoxfhir.symptom-report.submitted.v1";

  private MadeUpEvents() {}

  /** A key that no other test uses. */
  public static String newKey() {
    return UUID.randomUUID().toString().replace("-", "");
  }

  /** An event whose data is {@code {"number": number}}. */
  public static NewEvent event(String key, int number) {
    return event(TOPIC, key, number);
  }

  /** An event for any topic. */
  public static NewEvent event(String topic, String key, int number) {
    String subject = "QuestionnaireResponse/%s/_history/%d".formatted(key, number);
    return new NewEvent(
        topic,
        TYPE,
        subject + "/submitted",
        subject,
        Instant.parse("2026-03-04T05:06:07Z"),
        key,
        "{\"number\":%d}".formatted(number),
        null);
  }

  /** One that {@link Topics#forSmallEvents} refuses: its data begins like that of {@link #event}, and no compression makes it small. */
  public static NewEvent large(String topic, String key, int number) {
    NewEvent small = event(topic, key, number);
    var random = new Random(number);
    String noise = IntStream.range(0, 400)
        .mapToObj(i -> Long.toHexString(random.nextLong()))
        .collect(Collectors.joining());
    return new NewEvent(
        topic,
        small.type(),
        small.id(),
        small.subject(),
        small.time(),
        key,
        "{\"number\":%d,\"noise\":\"%s\"}".formatted(number, noise),
        null);
  }
}
