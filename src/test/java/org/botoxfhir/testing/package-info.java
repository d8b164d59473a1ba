/**
 * What the tests stand on: a real PostgreSQL, a real Kafka, the real service in this JVM or as a process, and clients that look at
 * it from outside.
 */
@NullMarked
package org.botoxfhir.testing;

import org.jspecify.annotations.NullMarked;
