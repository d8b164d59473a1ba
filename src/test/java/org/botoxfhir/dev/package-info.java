/**
 * The servers that a developer would otherwise install: PostgreSQL as a child process and an Apache Kafka broker in this JVM.
 * Lives among the tests, so that none of it reaches the production image.
 */
@NullMarked
package org.botoxfhir.dev;

import org.jspecify.annotations.NullMarked;
