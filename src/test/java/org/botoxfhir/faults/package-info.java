/**
 * Deaths under load: service, broker and database as processes of their own that are killed at random moments and between each pair of
 * steps from a report to its event. Production code has no hook for it: a decorator that only these tests put into the service does it.
 */
@NullMarked
package org.botoxfhir.faults;

import org.jspecify.annotations.NullMarked;
