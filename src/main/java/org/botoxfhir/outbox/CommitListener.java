package org.botoxfhir.outbox;

import java.sql.SQLException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** Passes the commits of other replicas on to this one's relay while it publishes. When it is cut off, the relay's poll is the net. */
final class CommitListener implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(CommitListener.class);

  /** How long a closed listener may linger; also shorter than the session's socket timeout. */
  private static final Duration LISTEN = Duration.ofSeconds(1);

  private final Thread thread;

  private CommitListener(Thread thread) {
    this.thread = thread;
  }

  static CommitListener start(JdbcConnectionDetails database, RelaySignal signal, Duration retry) {
    return new CommitListener(
        Thread.ofVirtual().name("outbox-listener").start(() -> listen(database, signal, retry)));
  }

  private static void listen(JdbcConnectionDetails database, RelaySignal signal, Duration retry) {
    while (!Thread.currentThread().isInterrupted()) {
      try (RelaySession session = RelaySession.open(database, "botox-relay-listener")) {
        session.listen();
        // What was committed before it could hear.
        signal.raise();
        while (!Thread.currentThread().isInterrupted()) {
          if (session.awaitNotification(LISTEN)) {
            signal.raise();
          }
        }
      } catch (SQLException e) {
        if (Thread.currentThread().isInterrupted()) {
          return;
        }
        log.warn(
            "commits of other replicas are not heard (SQL state {}), tries again in {}",
            e.getSQLState(),
            retry);
        try {
          Thread.sleep(retry);
        } catch (InterruptedException interrupted) {
          return;
        }
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
