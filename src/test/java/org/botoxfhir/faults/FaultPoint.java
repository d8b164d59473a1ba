package org.botoxfhir.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A place between two steps from a report to its event, or of a take-over. The test arms one in a running service by a file in that
 * service's folder; the service then dies at the next passage, as a {@code kill -9} would end it.
 */
enum FaultPoint {
  /** The event is in the outbox of a transaction that has not committed. */
  AFTER_APPEND,
  /** The record and its event are committed; neither the relay nor the client has been told. */
  AFTER_DATABASE_COMMIT,
  /** The relay has read the next events, or has just retired the last ones, and has sent none. */
  AFTER_RETIREMENT,
  /** The broker has acknowledged an event whose Kafka transaction is open. */
  AFTER_SEND,
  /** The Kafka transaction has committed; the events are still in the outbox. */
  AFTER_KAFKA_COMMIT,
  /** The former publisher is shut out; what it published is not known yet. */
  AFTER_FENCE,
  /** An event is parked; its copy for the dead letter topic is not sent. */
  AFTER_PARKING,
  /** The database has named this replica the publisher; Kafka has not heard of it. */
  AFTER_LOCK,
  /** The positions are read; what they cover is not retired. */
  AFTER_POSITIONS,
  /** The dead letter is sent; the database does not know. */
  AFTER_DEAD_LETTER;

  /** File to which a service adds the moment (epoch milliseconds) of each take-over that it completed. */
  static final String TAKE_OVERS = "take-overs";

  /** Of this service; null in the test's own process. */
  private static volatile @Nullable Path folder;

  static void installIn(Path services) {
    folder = services;
  }

  /** Lets the service of this folder die when it next comes here. */
  void arm(Path services) throws IOException {
    Files.createFile(services.resolve(name()));
  }

  /** Called by a service wherever it comes here. */
  void passed() {
    Path armed = folder;
    if (armed != null && Files.exists(armed.resolve(name()))) {
      Runtime.getRuntime().halt(137);
    }
  }

  static void tookOver() {
    Path services = folder;
    if (services != null) {
      try {
        Files.writeString(
            services.resolve(TAKE_OVERS),
            System.currentTimeMillis() + "\n",
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
