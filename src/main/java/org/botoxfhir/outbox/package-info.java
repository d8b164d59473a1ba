/**
 * Events that wait for publication: written in the transaction of the record that they tell of, published by the relay in commit
 * order per key, then deleted. Knows nothing of Kafka: an {@code EventSink} does.
 */
@NullMarked
package org.botoxfhir.outbox;

import org.jspecify.annotations.NullMarked;
