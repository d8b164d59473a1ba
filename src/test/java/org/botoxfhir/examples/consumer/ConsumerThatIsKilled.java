package org.botoxfhir.examples.consumer;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.botoxfhir.testing.TestDatabase;

/** The consumer as a process that dies, as by {@code kill -9}, once its first event is handled and before anything else happens. */
final class ConsumerThatIsKilled {
  static final int STATUS = 137;

  private ConsumerThatIsKilled() {}

  /** @param arguments brokers, topic, group, URL, user and password of the database */
  public static void main(String[] arguments) throws SQLException {
    try (var connections = new TestDatabase(arguments[3], arguments[4], arguments[5]).connect()) {
      new SymptomReportConsumer(
              arguments[0], arguments[1], arguments[2], "member-1", new Deadly(connections))
          .run();
    }
  }

  private static final class Deadly extends AlertInbox {
    private Deadly(DataSource database) throws SQLException {
      super(database);
    }

    @Override
    boolean handle(ReportEvent event) throws SQLException {
      super.handle(event);
      Runtime.getRuntime().halt(STATUS);
      return true;
    }
  }
}
