package org.botoxfhir.audit;

import java.time.Instant;
import java.util.UUID;

/**
 * One event on record. Events that were committed together have the same time; their ids differ in the last 16 bits, the position in
 * the batch.
 *
 * @param id version 7; its time is that of the record
 */
record RecordedEvent(UUID id, AuditRecord event) {
  private static final long POSITION = 0xFFFF;

  /** When the event was put on record, in milliseconds. */
  Instant recorded() {
    return time(id);
  }

  /** When a version 7 UUID was made, which its first 48 bits tell. */
  static Instant time(UUID id) {
    return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
  }

  /** The id of the batch that an event belongs to; made of any UUID, it is that of a batch. */
  static UUID batch(UUID id) {
    return new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits() & ~POSITION);
  }

  /** An event's place in its batch, from 0 on. */
  static long position(UUID id) {
    return id.getLeastSignificantBits() & POSITION;
  }
}
