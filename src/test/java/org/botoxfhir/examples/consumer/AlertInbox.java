package org.botoxfhir.examples.consumer;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.botoxfhir.examples.consumer.ReportEvent.Kind;
import org.botoxfhir.examples.consumer.ReportEvent.Urgency;
import org.jspecify.annotations.Nullable;

/**
 * What an event changes, and that it has been handled, in one transaction: a second delivery changes nothing, whenever the consumer died
 * after the first. A pager reads {@code page} in the same way and owes nobody a transaction.
 */
class AlertInbox {
  private static final String SCHEMA = """
      create table if not exists handled_event (ce_id varchar(200) primary key, handled_at timestamptz not null default now());
      create table if not exists alert (report varchar(120) primary key, version bigint not null, urgency text not null,
        retracted boolean not null);
      create table if not exists page (number bigint generated always as identity primary key, report varchar(120) not null,
        version bigint not null, message text not null);
      """;

  private final DataSource database;

  AlertInbox(DataSource database) throws SQLException {
    this.database = database;
    try (Connection connection = database.getConnection();
        var statement = connection.createStatement()) {
      statement.execute(SCHEMA);
    }
  }

  /**
   * Handles an event once.
   *
   * @return false when it had been handled before
   */
  boolean handle(ReportEvent event) throws SQLException {
    try (Connection connection = database.getConnection()) {
      connection.setAutoCommit(false);
      try {
        boolean first = remember(connection, event);
        if (first) {
          apply(connection, event);
        }
        connection.commit();
        return first;
      } catch (SQLException | RuntimeException e) {
        connection.rollback();
        throw e;
      }
    }
  }

  private static boolean remember(Connection connection, ReportEvent event) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(
        "insert into handled_event (ce_id) values (?) on conflict do nothing")) {
      insert.setString(1, event.id());
      return insert.executeUpdate() == 1;
    }
  }

  private static void apply(Connection connection, ReportEvent event) throws SQLException {
    Alert before = find(connection, event.report());
    if (before != null && before.version() >= event.version()) {
      // An operator had old events published again, or a dead letter was sent back: the later
      // version already counts.
      return;
    }
    try (PreparedStatement upsert = connection.prepareStatement("""
        insert into alert (report, version, urgency, retracted) values (?, ?, ?, ?)
        on conflict (report) do update
        set version = excluded.version, urgency = excluded.urgency, retracted = excluded.retracted""")) {
      upsert.setString(1, event.report());
      upsert.setLong(2, event.version());
      upsert.setString(3, event.urgency().name());
      upsert.setBoolean(4, event.kind() == Kind.RETRACTED);
      upsert.executeUpdate();
    }
    String message = message(before, event);
    if (message != null) {
      try (PreparedStatement insert = connection.prepareStatement(
          "insert into page (report, version, message) values (?, ?, ?)")) {
        insert.setString(1, event.report());
        insert.setLong(2, event.version());
        insert.setString(3, message);
        insert.executeUpdate();
      }
    }
  }

  /** Whom to wake: for what is new, what became more urgent, and what is no longer so. An amendment may be the first that is seen. */
  private static @Nullable String message(@Nullable Alert before, ReportEvent event) {
    if (before == null || before.retracted()) {
      return event.kind() == Kind.RETRACTED ? null : "page: " + event.urgency();
    }
    if (event.kind() == Kind.RETRACTED) {
      return "stand down";
    }
    if (event.urgency().compareTo(before.urgency()) > 0) {
      return "page: " + event.urgency();
    }
    return event.urgency() == before.urgency() ? null : "now only: " + event.urgency();
  }

  /** What is on file of a report; the lock makes a second consumer that handles another of its versions wait. */
  private static @Nullable Alert find(Connection connection, String report) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(
        "select version, urgency, retracted from alert where report = ? for update")) {
      select.setString(1, report);
      try (ResultSet found = select.executeQuery()) {
        return found.next()
            ? new Alert(
                found.getLong("version"),
                Urgency.valueOf(found.getString("urgency")),
                found.getBoolean("retracted"))
            : null;
      }
    }
  }

  private record Alert(long version, Urgency urgency, boolean retracted) {}
}
