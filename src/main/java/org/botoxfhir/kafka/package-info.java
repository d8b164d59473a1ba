/**
 * The {@code EventSink} that publishes to Apache Kafka as CloudEvents. The only package that knows the Kafka client.
 */
@NullMarked
package org.botoxfhir.kafka;

import org.jspecify.annotations.NullMarked;
