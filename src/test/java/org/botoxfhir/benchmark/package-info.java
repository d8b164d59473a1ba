/** How long an event takes from the commit to a consumer, and how much load and how long an outage the way to Kafka bears. */
@NullMarked
package org.botoxfhir.benchmark;

import org.jspecify.annotations.NullMarked;
