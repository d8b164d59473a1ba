package org.botoxfhir.leaks;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.StringDeserializer;
import tools.jackson.databind.json.JsonMapper;

/** Where the servers and clients of the tests hand over what passes them; in {@code target/captured}, a folder for each channel. */
public final class Captured {
  static final Path FOLDER = Path.of("target", "captured");
  static final Path PERSONAL = FOLDER.resolve("personal-data");
  /** What went wrong while it was captured; without this file all went well. */
  static final Path FAILURES = FOLDER.resolve("failures");

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration TOPICS = Duration.ofMinutes(5);
  private static final String ACTUATOR = "/actuator/";

  private static final Set<String> PERSONAL_DATA = ConcurrentHashMap.newKeySet();
  /** Lines of channels that repeat themselves. */
  private static final Set<String> SEEN = ConcurrentHashMap.newKeySet();

  private static final Map<Path, OutputStream> OPEN = new ConcurrentHashMap<>();
  private static final List<Runnable> AT_END = new CopyOnWriteArrayList<>();

  private Captured() {}

  /** One answer and its request, as text. */
  record Refusal(String request, String answer) {}

  /** A file that a process writes its log to. @param name that no other one has */
  public static Path log(String name) {
    return file(Channel.LOG, name);
  }

  /** Takes a line of the log of a process that has no files here. */
  public static void logLine(String name, String line) {
    append(log(name), line);
  }

  /** Takes the log of a process that keeps it elsewhere. */
  public static void copyOfLog(String name, Path log) throws IOException {
    Files.copy(log, log(name));
  }

  /** What is on file: whom the patients of the tests are is in it. */
  public static void stored(String content) {
    PERSONAL_DATA.addAll(PersonalData.in(content));
  }

  /**
   * A request and its answer.
   *
   * @param path with query, as it was sent
   * @param body of the request
   * @param headers of the answer, by name
   */
  public static void answer(
      String path,
      String requestHeaders,
      String body,
      int status,
      Map<String, List<String>> headers,
      String answer) {
    PERSONAL_DATA.addAll(PersonalData.in(body));
    headers.forEach(
        (name, values) -> values.forEach(value -> line(Channel.HEADER, name + ": " + value)));
    if (path.contains(ACTUATOR)) {
      // Of a metric all but its value, which is another one each time
      boolean metrics = path.endsWith("/prometheus");
      answer
          .lines()
          .map(one -> metrics ? one.replaceFirst(" [^ ]+$", "") : one)
          .forEach(one -> once(Channel.OPERATOR, one));
    } else if (status >= 400) {
      refusal(path + "\n" + requestHeaders + "\n" + body, answer);
    }
  }

  /** The answer to a request whose body is not known here, so that nothing of it may be repeated. @return the same */
  public static HttpResponse<String> answer(HttpResponse<String> response) {
    answer(
        response.request().uri().toString(),
        response.request().headers().map().toString(),
        "",
        response.statusCode(),
        response.headers().map(),
        response.body());
    return response;
  }

  /** A request and its answer as bytes of a connection. */
  public static void exchange(String request, String answer) {
    PERSONAL_DATA.addAll(PersonalData.in(request));
    if (answer.matches("(?s)HTTP/1.1 [45].*")) {
      refusal(request, answer);
    }
  }

  private static void refusal(String request, String answer) {
    line(Channel.REFUSAL, JSON.writeValueAsString(new Refusal(request, answer)));
  }

  static Refusal refusal(String line) {
    return JSON.readValue(line, Refusal.class);
  }

  /** A span that a service sent to a collector. */
  public static void span(String span) {
    line(Channel.TRACE, span);
  }

  /** What a service measures by now. */
  public static void meters(MeterRegistry meters) {
    meters
        .getMeters()
        .forEach(meter -> once(
            Channel.METRIC,
            meter.getId().getName()
                + meter.getId().getTags().stream()
                    .map((Tag tag) -> " %s=%s".formatted(tag.getKey(), tag.getValue()))
                    .collect(Collectors.joining())));
  }

  /** All records that a broker has now, also those of transactions that were taken back. @param client settings that it is reached by */
  public static void records(Map<String, String> client) {
    Map<String, Object> settings = new HashMap<>(client);
    settings.put("auto.offset.reset", "earliest");
    try (var consumer =
        new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
      List<TopicPartition> partitions = consumer.listTopics().entrySet().stream()
          .filter(topic -> !topic.getKey().startsWith("__"))
          .flatMap(topic -> topic.getValue().stream())
          .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
          .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long deadline = System.nanoTime() + TOPICS.toNanos();
      while (ends.entrySet().stream()
          .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
        if (System.nanoTime() > deadline) {
          throw new IllegalStateException("the topics were not read within " + TOPICS);
        }
        consumer.poll(Duration.ofMillis(200)).forEach(one -> line(Channel.MESSAGE, text(one)));
      }
    }
  }

  private static String text(ConsumerRecord<String, String> one) {
    var text = new StringBuilder(one.topic()).append(" key=").append(one.key());
    for (Header header : one.headers()) {
      text.append(' ').append(header.key()).append('=');
      if (header.value() != null) {
        text.append(new String(header.value(), StandardCharsets.UTF_8));
      }
    }
    return text.append(" value=").append(one.value()).toString();
  }

  /** What is to be captured once all tests have run; after that nothing is there any more. */
  public static void atEnd(Runnable capture) {
    AT_END.add(capture);
  }

  /** Captures what was put off, and writes down what the patients of the run are known by. */
  static void end() {
    for (Runnable capture : AT_END) {
      try {
        capture.run();
      } catch (RuntimeException e) {
        append(FAILURES, e.toString());
      }
    }
    for (String value : PERSONAL_DATA) {
      append(PERSONAL, value);
    }
  }

  private static void once(Channel channel, String text) {
    if (SEEN.add(channel + text)) {
      line(channel, text);
    }
  }

  private static void line(Channel channel, String text) {
    append(file(channel, "lines"), text);
  }

  /** Line breaks would make several lines of what is one. */
  private static void append(Path file, String text) {
    OutputStream out = OPEN.computeIfAbsent(file, Captured::open);
    byte[] line = (text.replaceAll("\\R", " ") + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      try {
        out.write(line);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  static OutputStream open(Path file) {
    try {
      Files.createDirectories(file.getParent());
      return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path file(Channel channel, String name) {
    try {
      return Files.createDirectories(FOLDER.resolve(channel.folder())).resolve(name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
