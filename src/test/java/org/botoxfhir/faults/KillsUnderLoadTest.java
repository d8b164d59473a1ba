package org.botoxfhir.faults;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.faults.Replicas.Replica;
import org.botoxfhir.faults.SeenEvents.Seen;
import org.botoxfhir.testing.ServerProcesses;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Two replicas, a broker and a database, each a process of its own, under load; then one after the other is killed: at random moments,
 * and between each pair of steps. System properties: {@code botox.test.kills} (10), and {@code botox.test.seed} for the plan of an
 * earlier run, which it printed. The moments within the processes are as random as ever.
 */
class KillsUnderLoadTest {
  private static final String TOPIC = "botox.symptom-reports.v1";

  private final int kills = Integer.getInteger("botox.test.kills", 10);
  private final long seed =
      Long.getLong("botox.test.seed", ThreadLocalRandom.current().nextLong());
  private final Random random = new Random(seed);
  private final List<Death> deaths = new ArrayList<>();

  /** What is killed, and how. */
  private sealed interface Kill {
    /** The death of a service at a point that it has to come to. */
    record At(FaultPoint point) implements Kill {
      @Override
      public String toString() {
        return point.toString();
      }
    }

    enum AnyMoment implements Kill {
      SERVICE,
      BROKER,
      POSTGRESQL
    }
  }

  /**
   * @param at epoch milliseconds
   * @param successor the other replica, when the publisher died and the other one was up
   */
  private record Death(String what, long at, @Nullable Replica successor) {}

  /** Each kind and each point once before any comes again; a short run has at least the three kinds and the seven main points. */
  private List<Kill> plan() {
    List<Kill> main = Stream.concat(
            Stream.of(Kill.AnyMoment.values()),
            Stream.of(FaultPoint.values()).limit(7).map(Kill.At::new))
        .collect(Collectors.toCollection(ArrayList::new));
    List<Kill> others = Stream.of(FaultPoint.values())
        .skip(7)
        .map(Kill.At::new)
        .collect(Collectors.toCollection(ArrayList::new));
    List<Kill> plan = new ArrayList<>();
    while (plan.size() < kills) {
      Collections.shuffle(main, random);
      Collections.shuffle(others, random);
      plan.addAll(main);
      plan.addAll(others);
    }
    return plan.subList(0, kills);
  }

  @Test
  void everyReportThatWasConfirmedIsSeenOnceAndInOrderWhateverIsKilled(@TempDir Path folder)
      throws Exception {
    List<Kill> plan = plan();
    System.out.printf("kills with -Dbotox.test.kills=%d -Dbotox.test.seed=%d%n", kills, seed);
    long start = System.nanoTime();
    try (var servers = new ServerProcesses(folder, ServerProcesses.SOON);
        var replicas = new Replicas(settings(servers), folder)) {
      replicas.awaitLeader();
      try (var seen = new SeenEvents(servers.bootstrapServers(), List.of(TOPIC, TOPIC + ".dlq"));
          var load = new ReportLoad(
              () -> replicas.ready().stream().map(Replica::fhir).toList(),
              Integer.MAX_VALUE,
              random)) {
        for (Kill kill : plan) {
          int more = seen.count() + (random.nextInt(4) == 0 ? 0 : 5 + random.nextInt(40));
          Replicas.await("further events after " + deaths).until(() -> seen.count() >= more);
          System.out.printf(
              "%4d s, %5d events: %s%n",
              Duration.ofNanos(System.nanoTime() - start).toSeconds(), seen.count(), kill);
          carryOut(kill, servers, replicas, load);
        }
        replicas.awaitLeader();
        load.stop();
        JdbcClient database = servers.jdbc();
        EventsOnce.awaitAllPublished(database);
        List<Seen> all = seen.readToTheEnd();
        report(all, load, replicas, Duration.ofNanos(System.nanoTime() - start));
        EventsOnce.assertSeenOnceAndInOrder(all, load.answered(), database);
      }
    }
  }

  private void carryOut(Kill kill, ServerProcesses servers, Replicas replicas, ReportLoad load)
      throws IOException {
    switch (kill) {
      case Kill.AnyMoment.SERVICE -> {
        Replica any = replicas.awaitAny();
        List<Replica> up = List.copyOf(replicas.ready());
        kill(replicas, up.isEmpty() ? any : up.get(random.nextInt(up.size())));
      }
      case Kill.AnyMoment.BROKER -> {
        servers.killBroker();
        deaths.add(new Death("BROKER", System.currentTimeMillis(), null));
        servers.startBroker();
      }
      case Kill.AnyMoment.POSTGRESQL -> {
        servers.killPostgres();
        deaths.add(new Death("POSTGRESQL", System.currentTimeMillis(), null));
        servers.startPostgres();
      }
      case Kill.At(FaultPoint point) -> dieAt(point, replicas, load);
    }
  }

  private void dieAt(FaultPoint point, Replicas replicas, ReportLoad load) throws IOException {
    switch (point) {
      case AFTER_APPEND, AFTER_DATABASE_COMMIT -> await(point, replicas, replicas.awaitAny());
      case AFTER_RETIREMENT, AFTER_SEND, AFTER_KAFKA_COMMIT ->
        await(point, replicas, replicas.awaitLeader());
      case AFTER_PARKING, AFTER_DEAD_LETTER -> {
        Replica leader = replicas.awaitLeader();
        Replica successor = successor(replicas, leader);
        // Armed before the event is sent, which passes here once.
        point.arm(leader.folder());
        load.sendOneTooLarge();
        died(point.toString(), replicas, leader, successor);
      }
      case AFTER_LOCK, AFTER_FENCE, AFTER_POSITIONS -> {
        List<Replica> both = replicas.awaitBoth();
        Replica leader = replicas.awaitLeader();
        Replica successor =
            both.stream().filter(replica -> replica != leader).findFirst().orElseThrow();
        point.arm(successor.folder());
        kill(replicas, leader);
        died(point.toString(), replicas, successor, null);
      }
    }
  }

  private void await(FaultPoint point, Replicas replicas, Replica victim) throws IOException {
    Replica successor = successor(replicas, victim);
    point.arm(victim.folder());
    died(point.toString(), replicas, victim, successor);
  }

  private void kill(Replicas replicas, Replica victim) {
    Replica successor = successor(replicas, victim);
    victim.service().kill();
    died("SERVICE", replicas, victim, successor);
  }

  private static @Nullable Replica successor(Replicas replicas, Replica victim) {
    return victim.leads()
        ? replicas.ready().stream().filter(other -> other != victim).findFirst().orElse(null)
        : null;
  }

  private void died(String what, Replicas replicas, Replica victim, @Nullable Replica successor) {
    victim.awaitEnd();
    long at = Replicas.await("its end")
        .until(() -> replicas.death(victim), d -> d.isPresent())
        .get();
    deaths.add(new Death(what, at, successor));
  }

  private static Map<String, String> settings(ServerProcesses servers) {
    Map<String, String> settings = Replicas.settings(servers);
    // What is larger than this is refused, and parked.
    settings.put("botox.kafka.properties.max.request.size", "20000");
    return settings;
  }

  /** For the record; nothing is asserted on time. */
  private void report(List<Seen> seen, ReportLoad load, Replicas replicas, Duration took)
      throws IOException {
    List<Long> arrivals = seen.stream().map(Seen::arrivedAt).sorted().toList();
    List<Long> untilTakeOver = new ArrayList<>();
    List<Long> undisturbed = new ArrayList<>();
    List<Long> untilNextEvent = new ArrayList<>();
    for (Death death : deaths) {
      // One that was killed before it had taken over tells nothing.
      Optional<Long> takeOver = death.successor() == null
          ? Optional.empty()
          : Replicas.takeOver(death.successor(), death.at());
      takeOver.ifPresent(at -> {
        untilTakeOver.add(at - death.at());
        if (deaths.stream().noneMatch(other -> other.at() > death.at() && other.at() <= at)) {
          undisturbed.add(at - death.at());
        }
        arrivals.stream()
            .filter(arrival -> arrival >= at)
            .findFirst()
            .ifPresent(arrival -> untilNextEvent.add(arrival - death.at()));
      });
    }
    System.out.printf(
        "%d kills in %d s: %s%n"
            + "%d reports and corrections confirmed, %d requests sent again, %d given up; %d events seen, %d duplicates avoided%n"
            + "publisher died, the other took over after %s; when nothing else died meanwhile, after %s; the next event was seen after %s%n",
        deaths.size(),
        took.toSeconds(),
        deaths.stream()
            .collect(Collectors.groupingBy(Death::what, TreeMap::new, Collectors.counting())),
        load.answered().size(),
        load.retries(),
        load.givenUp(),
        seen.size(),
        replicas.duplicatesAvoided(),
        summary(untilTakeOver),
        summary(undisturbed),
        summary(untilNextEvent));
  }

  private static String summary(List<Long> milliseconds) {
    List<Long> sorted = milliseconds.stream().sorted().toList();
    return sorted.isEmpty()
        ? "(none)"
        : "%d ms (median), %d ms (longest of %d)"
            .formatted(sorted.get(sorted.size() / 2), sorted.getLast(), sorted.size());
  }
}
