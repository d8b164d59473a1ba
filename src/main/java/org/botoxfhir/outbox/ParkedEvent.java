package org.botoxfhir.outbox;

import java.time.Instant;

/**
 * An event that the sink refuses for good. It waits for an operator.
 *
 * @param id by which an operator names it
 * @param reason why, in the sink's words; free of patient data
 * @param parkedAt when it was taken out of the way of the others
 */
public record ParkedEvent(
    long id, NewEvent event, boolean replay, String reason, Instant parkedAt) {}
