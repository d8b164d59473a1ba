package org.botoxfhir.benchmark;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.botoxfhir.benchmark.Plot.Point;
import org.botoxfhir.dev.Folders;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Replica;
import org.botoxfhir.testing.ServerProcesses;
import org.botoxfhir.testing.ServiceProcess;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Measures the way from a report to a consumer, with everything on one machine: the service, a database that waits for the disk, a
 * broker, the senders and a {@code read_committed} consumer. What is measured how: {@code docs/benchmarks.md}. It has no main method,
 * since {@code spring-boot:test-run} takes the only one among the test classes for that of the service.
 */
public final class EventBenchmark {
  private static final String TOPIC = "botox.symptom-reports.v1";
  private static final int PATIENTS = 200;
  private static final Duration WARM_UP = Duration.ofSeconds(45);
  private static final double[] WARM_UP_SHARES = {0.25, 0.5, 1, 1};
  private static final Path RESULTS = Path.of("target/benchmark");
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");

  /** As long as that of a report with one symptom. */
  private static final String REST_OF_VALUE = """
      "report":"QuestionnaireResponse/0199f3a2-7c1e-7d4b-9a55-0f2b7c9d1e21","reportVersion":1,"patient":"Patient/0199f3a1-11aa-7b00-8c00-3f9e5d2b7a10",\
      "patientOnFile":true,"reportedAt":"2026-11-22T09:30:00+01:00","symptoms":[{"observation":"Observation/5c2e5a0e-7d5b-5d0e-9a5f-2f0a4f1f6a3c",\
      "code":{"system":"http://snomed.info/sct","code":"40739000"},"severity":"severe","onset":"2026-11-21","ongoing":true,"boxedWarning":true,"details":["choking"]}],\
      "injection":null,"triage":{"urgency":"emergency","rules":["swallowing-choking","swallowing-severe"],"ruleSet":"2026.11.1","withinWindow":true},\
      "adverseEvent":"AdverseEvent/8f6f0c0b-2d1e-5c7a-8e0f-1b2c3d4e5f60"}""";

  private final ServerProcesses servers;

  private EventBenchmark(ServerProcesses servers) {
    this.servers = servers;
  }

  /** @param arguments part ({@code reports}, {@code appends}, {@code million}, {@code outage}; all without), rate, seconds */
  public static void run(String[] arguments) throws Exception {
    // Without Spring, as for the consumer and before a Replica starts, the default is DEBUG.
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.ERROR);
    List<String> parts = arguments.length == 0
        ? List.of("reports", "appends", "million", "outage")
        : List.of(arguments[0]);
    for (String part : parts) {
      Path folder = Files.createTempDirectory("botox-benchmark-");
      try (var servers = new ServerProcesses(folder, ServerProcesses.FAST)) {
        var benchmark = new EventBenchmark(servers);
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        ObjectNode result = switch (part) {
          case "reports" ->
            benchmark.reports(argument(arguments, 1, 200), argument(arguments, 2, 60));
          case "appends" ->
            benchmark.appends(argument(arguments, 1, 1_000), argument(arguments, 2, 60));
          case "million" -> benchmark.million(argument(arguments, 1, 2_500));
          case "outage" -> benchmark.outage(argument(arguments, 1, 200));
          default -> throw new IllegalArgumentException("no part " + part);
        };
        result.put("processors", Runtime.getRuntime().availableProcessors());
        result.put("loadAverageBefore", load);
        result.put(
            "loadAverageAfter",
            ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
        write(part + ".json", result.toPrettyString());
        System.out.println(result.toPrettyString());
      } finally {
        Folders.delete(folder);
      }
    }
  }

  /** A new JVM compiles what it runs: it would refuse at once what it takes a minute later. So the rate rises. */
  private static void warmUp(Arrivals arrivals, int rate, OpenLoop.Arrival arrival) {
    var number = new AtomicInteger();
    long expected = arrivals.count();
    for (double share : WARM_UP_SHARES) {
      OpenLoop.Outcome outcome = OpenLoop.run(
          rate * share, WARM_UP, (n, due) -> arrival.run(number.getAndIncrement(), due));
      expected += outcome.arrivals() - outcome.failed();
    }
    arrivals.await(expected, Duration.ofMinutes(5));
  }

  private static int argument(String[] arguments, int index, int otherwise) {
    return arguments.length > index ? Integer.parseInt(arguments[index]) : otherwise;
  }

  /** Reports over HTTP. */
  private ObjectNode reports(int rate, int seconds) throws Exception {
    try (ServiceProcess service = ServiceProcess.start(List.of("-Xmx1g"), settings())) {
      Fhir fhir = service.fhir();
      String patient = Files.readString(EXAMPLES.resolve("chronic-migraine.json"));
      for (int i = 0; i < PATIENTS; i++) {
        require(fhir.post("", patient.replace("example-migraine", "made-up-" + i)), 200);
      }
      String report = Files.readString(EXAMPLES.resolve("chronic-migraine-report.json"));
      try (var arrivals = new Arrivals(servers.bootstrapServers(), TOPIC)) {
        warmUp(arrivals, rate, (number, due) -> post(fhir, report, "warm-up", number));
        Duration serviceBefore = processorTime(service);
        Duration databaseBefore = servers.databaseTime();
        Duration brokerBefore = servers.brokerTime();
        Map<String, Long> arrived = arrivals.remember();
        long before = arrivals.count();
        Map<String, Long> answered = new ConcurrentHashMap<>();
        Collection<Double> answers = new ConcurrentLinkedQueue<>();
        var committed = new AtomicLong();
        OpenLoop.Outcome outcome;
        List<Point> lag;
        try (var sampler = new Sampler(() -> committed.get() - (arrivals.count() - before))) {
          outcome = OpenLoop.run(rate, Duration.ofSeconds(seconds), (number, due) -> {
            String id = post(fhir, report, "measured", number);
            answers.add((System.nanoTime() - due) / 1e6);
            answered.put(id, microseconds(Instant.now()));
            committed.incrementAndGet();
          });
          arrivals.await(before + outcome.arrivals() - outcome.failed(), Duration.ofMinutes(5));
          lag = sampler.points();
        }
        ObjectNode result = result("reports over HTTP", rate, outcome);
        result.set("dueToAnswer", Latencies.of(answers).json());
        Latencies fromAppend = Latencies.of(sinceAppend(arrived));
        result.set("appendToConsumer", fromAppend.json());
        result.set(
            "answerToConsumer",
            Latencies.of(answered.entrySet().stream()
                    .map(one -> (Objects.requireNonNull(arrived.get(one.getKey() + "/submitted"))
                            - one.getValue())
                        / 1e3)
                    .toList())
                .json());
        result.set("lagInEvents", summary(lag));
        ObjectNode processor = result.putObject("processorMillisecondsPerReport");
        processor.put("service", perEvent(processorTime(service), serviceBefore, outcome));
        processor.put("database", perEvent(servers.databaseTime(), databaseBefore, outcome));
        processor.put("broker", perEvent(servers.brokerTime(), brokerBefore, outcome));
        write(
            "latency.svg",
            Plot.distribution(
                "append to consumer, %d reports/s, %d events".formatted(rate, fromAppend.size()),
                fromAppend));
        write(
            "reports-lag.svg",
            Plot.overTime("events answered and not yet seen, %d reports/s".formatted(rate), lag));
        return result;
      }
    }
  }

  /** Events straight into the outbox, one a transaction, without the work on the report itself. */
  private ObjectNode appends(int rate, int seconds) throws Exception {
    try (Replica replica = Replica.publishing(servers.database(), settings())) {
      var keys = new Keys(1_000);
      try (var arrivals = arrivals(replica)) {
        warmUp(arrivals, rate, (number, due) -> keys.append(replica, number));
        Duration databaseBefore = servers.databaseTime();
        Duration brokerBefore = servers.brokerTime();
        Map<String, Long> arrived = arrivals.remember();
        long before = arrivals.count();
        var committed = new AtomicLong();
        OpenLoop.Outcome outcome;
        List<Point> lag;
        try (var sampler = new Sampler(() -> committed.get() - (arrivals.count() - before))) {
          outcome = OpenLoop.run(rate, Duration.ofSeconds(seconds), (number, due) -> {
            keys.append(replica, number);
            committed.incrementAndGet();
          });
          arrivals.await(before + outcome.arrivals() - outcome.failed(), Duration.ofMinutes(5));
          lag = sampler.points();
        }
        ObjectNode result =
            result("events appended in the process, one a transaction", rate, outcome);
        Latencies fromAppend = Latencies.of(sinceAppend(arrived));
        result.set("appendToConsumer", fromAppend.json());
        result.set("lagInEvents", summary(lag));
        ObjectNode processor = result.putObject("processorMillisecondsPerEvent");
        processor.put("database", perEvent(servers.databaseTime(), databaseBefore, outcome));
        processor.put("broker", perEvent(servers.brokerTime(), brokerBefore, outcome));
        write(
            "appends-lag.svg",
            Plot.overTime("events committed and not yet seen, %d/s".formatted(rate), lag));
        return result;
      }
    }
  }

  /** What a million events leave behind. */
  private ObjectNode million(int rate) throws Exception {
    int events = 1_000_000;
    int each = 10;
    try (Replica replica = Replica.publishing(servers.database(), settings())) {
      var keys = new Keys(1_000);
      try (var arrivals = arrivals(replica)) {
        List<Point> size;
        OpenLoop.Outcome outcome;
        JdbcClient database = servers.jdbc();
        try (var sampler = new Sampler(() -> outboxBytes(database))) {
          outcome = OpenLoop.run(
              (double) rate / each,
              Duration.ofSeconds(events / rate),
              (number, due) -> keys.append(replica, number, each));
          arrivals.await((long) events - (long) outcome.failed() * each, Duration.ofMinutes(10));
          size = sampler.points();
        }
        ObjectNode result =
            result("events appended in the process, ten a transaction", rate, outcome);
        result.put("events", arrivals.count());
        result.put(
            "largestOutboxBytes", size.stream().mapToDouble(Point::y).max().orElse(0));
        result.put("outboxBytesAtEnd", outboxBytes(database));
        write(
            "outbox-size.svg",
            Plot.overTime(
                "outbox_event with its index in kB, %d events/s".formatted(rate),
                size.stream().map(one -> new Point(one.x(), one.y() / 1024)).toList()));
        return result;
      }
    }
  }

  /** The broker is away for what an hour brings; then it comes back, and the intake goes on. */
  private ObjectNode outage(int rate) throws Exception {
    int waiting = rate * 3_600;
    int each = 10;
    try (Replica replica = Replica.publishing(servers.database(), settings())) {
      var keys = new Keys(1_000);
      try (var arrivals = arrivals(replica)) {
        servers.killBroker();
        long start = System.nanoTime();
        for (int i = 0; i < waiting / each; i++) {
          keys.append(replica, i, each);
        }
        double secondsToAppend = (System.nanoTime() - start) / 1e9;
        JdbcClient database = servers.jdbc();
        long atMost = outboxBytes(database);
        servers.startBroker();
        long back = System.nanoTime();
        var committed = new AtomicLong(waiting);
        var caughtUp = new AtomicLong();
        List<Point> lag;
        OpenLoop.Outcome outcome;
        try (var sampler = new Sampler(() -> {
          long behind = committed.get() - arrivals.count();
          if (behind < rate) {
            caughtUp.compareAndSet(0, System.nanoTime());
          }
          return behind;
        })) {
          outcome = OpenLoop.run(rate, Duration.ofSeconds(180), (number, due) -> {
            keys.append(replica, number);
            committed.incrementAndGet();
          });
          arrivals.await(waiting + outcome.arrivals() - outcome.failed(), Duration.ofMinutes(20));
          lag = sampler.points();
        }
        double seconds = (caughtUp.get() - back) / 1e9;
        ObjectNode result = result(
            "events appended in the process: ten a transaction while the broker is away, then one",
            rate,
            outcome);
        result.put("waiting", waiting);
        result.put("secondsToAppendThem", Math.round(secondsToAppend));
        result.put("outboxBytesWhenTheBrokerCameBack", atMost);
        result.put("secondsUntilLessThanOneSecondBehind", Math.round(seconds));
        result.put("eventsPerSecondWhileCatchingUp", Math.round(waiting / seconds) + rate);
        result.put("eventsSeenOnceAndInOrder", arrivals.count());
        result.put("outboxBytesAtEnd", outboxBytes(database));
        write("outage-lag.svg", Plot.overTime("events waiting after the broker is back", lag));
        return result;
      }
    }
  }

  private Map<String, String> settings() {
    Map<String, String> settings = MeasuredService.settings(servers);
    settings.put("botox.validation.mode", "enforce"); // the default
    settings.put("logging.level.root", "ERROR");
    settings.put("logging.level.org.apache.kafka", "ERROR");
    return settings;
  }

  /** The topic is made with the first take-over at the latest. */
  private Arrivals arrivals(Replica replica) {
    Awaitility.await("a publisher")
        .atMost(Duration.ofMinutes(1))
        .until(() -> replica.metrics().get("botox.outbox.takeovers").counter().count() > 0);
    replica.commit(new Keys(1).event(0, 1));
    Awaitility.await("the first event")
        .atMost(Duration.ofMinutes(1))
        .until(() -> replica.gauge("botox.outbox.rows") == 0);
    return new Arrivals(servers.bootstrapServers(), TOPIC);
  }

  /** @return versioned reference */
  private static String post(Fhir fhir, String report, String what, int number) {
    Fhir.Answer answer = fhir.post(
        "QuestionnaireResponse",
        report
            .replace("example-migraine-1", what + "-" + number)
            .replace("example-migraine", "made-up-" + number % PATIENTS));
    require(answer, 201);
    return "QuestionnaireResponse/%s/_history/1"
        .formatted(answer.json().path("id").asString());
  }

  private static void require(Fhir.Answer answer, int status) {
    if (answer.status() != status) {
      throw new IllegalStateException("answered " + answer.status());
    }
  }

  /** By the outbox's own time stamp, which is set just before the commit; so the commit itself is part of it. */
  private List<Double> sinceAppend(Map<String, Long> arrived) {
    List<Double> milliseconds = new ArrayList<>();
    servers.jdbc().sql("""
        select event_id, (extract(epoch from created_at) * 1000000)::bigint from outbox_published
        """).query(row -> {
      Long at = arrived.get(row.getString(1));
      if (at != null) {
        milliseconds.add((at - row.getLong(2)) / 1e3);
      }
    });
    if (milliseconds.size() != arrived.size()) {
      throw new IllegalStateException(
          "%d of %d events are on file".formatted(milliseconds.size(), arrived.size()));
    }
    return milliseconds;
  }

  private static long outboxBytes(JdbcClient database) {
    return database
        .sql("select pg_total_relation_size('outbox_event')")
        .query((row, number) -> row.getLong(1))
        .single();
  }

  private static Duration processorTime(ServiceProcess service) {
    return service.handle().info().totalCpuDuration().orElseThrow();
  }

  private static double perEvent(Duration now, Duration before, OpenLoop.Outcome outcome) {
    return Math.round(100.0 * now.minus(before).toMillis() / outcome.arrivals()) / 100.0;
  }

  private static long microseconds(Instant moment) {
    return TimeUnit.SECONDS.toMicros(moment.getEpochSecond()) + moment.getNano() / 1_000;
  }

  private static ObjectNode result(String load, int rate, OpenLoop.Outcome outcome) {
    ObjectNode result = JsonMapper.shared().createObjectNode();
    result.put("load", load);
    result.put("eventsPerSecond", rate);
    result.put("requests", outcome.arrivals());
    result.put("failed", outcome.failed());
    result.put("mostRequestsAtOnce", outcome.mostAtOnce());
    result.put("seconds", outcome.took().toMillis() / 1e3);
    return result;
  }

  private static ObjectNode summary(List<Point> lag) {
    double[] sorted = lag.stream().mapToDouble(Point::y).sorted().toArray();
    double lastQuarter = lag.subList(lag.size() * 3 / 4, lag.size()).stream()
        .mapToDouble(Point::y)
        .average()
        .orElse(0);
    ObjectNode summary = JsonMapper.shared().createObjectNode();
    summary.put("median", sorted[sorted.length / 2]);
    summary.put("max", sorted[sorted.length - 1]);
    summary.put("averageOfLastQuarter", Math.round(lastQuarter * 10) / 10.0);
    return summary;
  }

  private static void write(String name, String text) throws IOException {
    Files.createDirectories(RESULTS);
    Files.writeString(RESULTS.resolve(name), text);
  }

  /** Made-up patients' keys, whose events are numbered from 1 in commit order. */
  private static final class Keys {
    private final int[] numbers;

    Keys(int keys) {
      numbers = new int[keys];
    }

    void append(Replica replica, int request) {
      append(replica, request, 1);
    }

    /** One transaction with events of neighbouring keys; the next number of a key is drawn by one thread at a time. */
    void append(Replica replica, int request, int events) {
      int first = (int) ((long) request * events % numbers.length);
      synchronized (KEY_LOCKS[first / events % KEY_LOCKS.length]) {
        NewEvent[] batch = IntStream.range(first, first + events)
            .mapToObj(key -> event(key % numbers.length, numbers[key % numbers.length] + 1))
            .toArray(NewEvent[]::new);
        replica.commit(batch);
        for (int key = first; key < first + events; key++) {
          numbers[key % numbers.length]++;
        }
      }
    }

    NewEvent event(int key, int number) {
      String name = "made-up-%d-of-%d".formatted(key, numbers.length);
      String subject = "QuestionnaireResponse/%s-%d/_history/1".formatted(name, number);
      return new NewEvent(
          TOPIC,
          "org.botoxfhir.symptom-report.submitted.v1",
          subject + "/submitted",
          subject,
          Instant.now(),
          "%43s".formatted(name).replace(' ', '-'), // as long as a pseudonym
          "{\"number\":%d,%s".formatted(number, REST_OF_VALUE),
          null);
    }

    private static final Object[] KEY_LOCKS =
        IntStream.range(0, 1_000).mapToObj(i -> new Object()).toArray();
  }

  /** Asks for a number four times a second. */
  private static final class Sampler implements AutoCloseable {
    private final List<Point> points = new CopyOnWriteArrayList<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

    private final ScheduledFuture<?> sampling;

    Sampler(LongSupplier value) {
      long start = System.nanoTime();
      sampling = clock.scheduleAtFixedRate(
          () -> {
            // Taken before the time: a slow answer is about now.
            long sample = value.getAsLong();
            points.add(new Point((System.nanoTime() - start) / 1e9, sample));
          },
          0,
          250,
          TimeUnit.MILLISECONDS);
    }

    List<Point> points() {
      if (sampling.isDone()) {
        throw new IllegalStateException("sampling stopped", sampling.exceptionNow());
      }
      return List.copyOf(points);
    }

    @Override
    public void close() {
      clock.shutdownNow();
    }
  }
}
