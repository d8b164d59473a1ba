package org.botoxfhir.audit;

import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is put on record of one request. No text in it holds control characters: they part the columns and lists of a stored line.
 *
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
  private static final char COLUMN = '\t';
  private static final String ITEM = "\u001E";

  /** Adds the columns that view {@code audit_event} tells apart, in its order. */
  void addTo(StringBuilder lines) {
    lines
        .append(interaction.code())
        .append(COLUMN)
        .append(status)
        .append(COLUMN)
        .append(agent)
        .append(COLUMN)
        .append(client == null ? "" : client)
        .append(COLUMN)
        .append(address)
        .append(COLUMN)
        .append(server)
        .append(COLUMN)
        .append(requestId)
        .append(COLUMN)
        .append(request)
        .append(COLUMN)
        .append(entities.stream().map(AuditEntity::line).collect(Collectors.joining(ITEM)))
        .append(COLUMN)
        .append(String.join(ITEM, subjects))
        .append(COLUMN)
        .append(purpose == null ? "" : purpose);
  }
}
