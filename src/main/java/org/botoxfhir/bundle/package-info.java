/**
 * Transaction bundles: references between entries resolved, then all entries written at once or none.
 */
@NullMarked
package org.botoxfhir.bundle;

import org.jspecify.annotations.NullMarked;
