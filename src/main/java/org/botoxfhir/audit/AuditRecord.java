package org.botoxfhir.audit;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One event as it is stored.
 *
 * @param id version 7; its time is {@code recorded}
 * @param recorded when the answer was ready, in milliseconds
 * @param status of the HTTP answer
 * @param agent who asked, as {@link org.botoxfhir.security.Access#actor} says
 * @param client the application that asked, where that is known
 * @param address where the request came from, as the container or a trusted proxy says
 * @param server address of the replica that took it
 * @param requestId header {@code X-Request-Id} of the answer
 * @param request method, path and query; the parameters of a search by POST too
 * @param purpose codes of v3-PurposeOfUse, separated by blanks; null where none was stated
 * @param subjects references to the entities and to the patients concerned, without versions
 */
record AuditRecord(
    UUID id,
    Instant recorded,
    Interaction interaction,
    int status,
    String agent,
    @Nullable String client,
    String address,
    String server,
    String requestId,
    String request,
    @Nullable String purpose,
    List<AuditEntity> entities,
    List<String> subjects) {

  /** When a version 7 UUID was made, which its first 48 bits tell. */
  static Instant time(UUID id) {
    return Instant.ofEpochMilli(id.getMostSignificantBits() >>> 16);
  }
}
