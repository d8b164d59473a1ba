/**
 * Events that wait for publication: written in the transaction of the record that they tell of, published by the relay, in order\n * per patient, then deleted. Knows nothing of Kafka: a sink does.
 */
@NullMarked
package org.botoxfhir.outbox;

import org.jspecify.annotations.NullMarked;
