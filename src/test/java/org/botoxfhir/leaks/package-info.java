/**
 * Nothing that the service lets out beside its answers tells who a patient is. While the tests run, what leaves is captured, channel by
 * channel, into {@code target/captured}, together with the names, birth dates and identifiers that the tests send and store; {@link
 * org.botoxfhir.leaks.LeakCheck}, which Maven runs after all other tests, looks for the ones in the others. Nothing of this is in the
 * service, and no test has to take part by itself.
 */
@NullMarked
package org.botoxfhir.leaks;

import org.jspecify.annotations.NullMarked;
