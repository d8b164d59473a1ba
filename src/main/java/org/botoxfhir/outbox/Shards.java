package org.botoxfhir.outbox;

/** Which ordered sequence an event belongs to. */
final class Shards {
  /** As many as {@code V2__outbox.sql} makes. More shards let more writers commit at once; a key's shard must never change. */
  static final int COUNT = 16;

  private Shards() {}

  static int of(String key) {
    return Math.floorMod(
        key.hashCode(), COUNT); // String.hashCode is specified, the same in every JVM
  }
}
