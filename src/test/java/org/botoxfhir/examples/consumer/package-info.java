/**
 * A consumer that pages a clinician, as a pattern to copy: {@code docs/consuming-events.md} explains it. It knows nothing of the service but
 * the contract of its events.
 */
@NullMarked
package org.botoxfhir.examples.consumer;

import org.jspecify.annotations.NullMarked;
