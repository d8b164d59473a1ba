package org.botoxfhir.outbox;

/**
 * An event that was committed and waits for publication.
 *
 * @param shard which ordered sequence it belongs to; a function of the event's key
 * @param sequence position in the shard: ascending in commit order
 * @param event what to publish
 * @param replay whether it was published before and is sent again on an operator's word
 */
public record OutboxEvent(int shard, long sequence, NewEvent event, boolean replay) {}
