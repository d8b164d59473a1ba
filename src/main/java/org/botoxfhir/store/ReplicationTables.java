package org.botoxfhir.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** What PostgreSQL tells of its write-ahead log: how far it is written, and how far a standby has replayed it. */
final class ReplicationTables {
  /** Every commit that was answered is before it. The name of a log file begins with the timeline. */
  private static final String WRITTEN = """
      select p::text, ('x' || left(pg_walfile_name(p), 8))::bit(32)::int
      from pg_current_wal_flush_lsn() p
      """;

  /**
   * A standby that went another way when a new primary was made of its sister may be as far by the number: so the timeline has to be the
   * same. A standby takes down a new one with its next restart point, until which it is not believed. Of two branches of the condition a
   * primary would fail on the second, hence the case.
   */
  private static final String REPLAYED = """
      select case when pg_is_in_recovery() then
        pg_last_wal_replay_lsn() >= cast(? as pg_lsn)
          and ? = (select greatest(c.timeline_id, r.min_recovery_end_timeline) from pg_control_checkpoint() c, pg_control_recovery() r)
      else false end
      """;

  private ReplicationTables() {}

  /**
   * A place in the log.
   *
   * @param lsn PostgreSQL's own spelling, e.g. {@code 0/3000148}
   * @param timeline goes up by one whenever a standby becomes the primary
   */
  record Position(String lsn, int timeline) {}

  /** Where the log of the primary ends. */
  static Position written(Connection primary) throws SQLException {
    try (PreparedStatement statement = primary.prepareStatement(WRITTEN);
        ResultSet row = statement.executeQuery()) {
      row.next();
      return new Position(row.getString(1), row.getInt(2));
    }
  }

  /** Whether a server is a standby that shows everything up to this position. */
  static boolean replayed(Connection standby, Position position) throws SQLException {
    try (PreparedStatement statement = standby.prepareStatement(REPLAYED)) {
      statement.setString(1, position.lsn());
      statement.setInt(2, position.timeline());
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getBoolean(1);
      }
    }
  }
}
