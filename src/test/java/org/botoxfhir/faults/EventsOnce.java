package org.botoxfhir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.botoxfhir.faults.ReportLoad.Answered;
import org.botoxfhir.faults.SeenEvents.Seen;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What has to hold of reports and their events, whatever happened meanwhile. */
final class EventsOnce {
  private EventsOnce() {}

  /** Waits until no event waits, and no dead letter is to be sent. */
  static void awaitAllPublished(JdbcClient database) {
    Replicas.await("an empty outbox")
        .until(() -> count(database, "select count(*) from outbox_event") == 0
            && count(database, "select count(*) from outbox_parked where dead_lettered_at is null")
                == 0);
  }

  private static long count(JdbcClient database, String sql) {
    return database.sql(sql).query(Long.class).single();
  }

  /** Versioned references of all reports in the store, past versions included. */
  private static Set<String> stored(JdbcClient database) {
    return database.sql("""
        select r.type || '/' || r.id || '/_history/' || v.version
        from resource r
        join lateral (
          select r.version union all select h.version from resource_history h where h.rid = r.rid
        ) v on true
        where r.type = 'QuestionnaireResponse'
        """).query((row, number) -> row.getString(1)).set();
  }

  /** All that was confirmed is stored, and all that is stored was seen by a consumer once and in its order. */
  static void assertSeenOnceAndInOrder(
      List<Seen> all, List<Answered> answered, JdbcClient database) {
    Set<String> stored = stored(database);
    List<Seen> events = all.stream().filter(one -> !one.isDeadLetter()).toList();
    Set<String> tooLarge = answered.stream()
        .filter(Answered::tooLarge)
        .map(Answered::subject)
        .collect(Collectors.toSet());
    Set<String> published =
        stored.stream().filter(subject -> !tooLarge.contains(subject)).collect(Collectors.toSet());
    Set<String> once = new HashSet<>();
    assertThat(events)
        .as("seen twice")
        .filteredOn(event -> !once.add(event.id()))
        .isEmpty();
    assertThat(answered)
        .as("confirmed and not stored")
        .filteredOn(one -> !stored.contains(one.subject()))
        .isEmpty();
    Set<String> seenSubjects = events.stream().map(Seen::subject).collect(Collectors.toSet());
    assertThat(published)
        .as("stored and not seen")
        .filteredOn(subject -> !seenSubjects.contains(subject))
        .isEmpty();
    assertThat(seenSubjects)
        .as("seen and not stored")
        .filteredOn(subject -> !published.contains(subject))
        .isEmpty();
    assertThat(all)
        .as("what cannot be published is among the dead letters, at least once")
        .filteredOn(Seen::isDeadLetter)
        .extracting(Seen::subject)
        .containsAll(tooLarge)
        .isSubsetOf(tooLarge);

    answered.stream()
        .filter(one -> !one.tooLarge())
        .collect(Collectors.groupingBy(Answered::patient))
        .forEach((patient, reports) -> {
          List<String> confirmed = reports.stream().map(Answered::subject).toList();
          Set<String> own = Set.copyOf(confirmed);
          List<Seen> seen =
              events.stream().filter(event -> own.contains(event.subject())).toList();
          assertThat(seen)
              .as("order of " + patient)
              .extracting(Seen::subject)
              .containsExactlyElementsOf(confirmed);
          assertThat(seen.stream().map(event -> event.key() + event.partition()).distinct())
              .as("key and partition of " + patient)
              .hasSize(1);
        });
    var versions = new TreeMap<String, List<Integer>>();
    for (Seen event : events) {
      int slash = event.subject().lastIndexOf('/');
      versions
          .computeIfAbsent(event.subject().substring(0, slash), report -> new ArrayList<>())
          .add(Integer.valueOf(event.subject().substring(slash + 1)));
    }
    versions.forEach((report, numbers) -> assertThat(numbers).as(report).isSorted());
  }
}
