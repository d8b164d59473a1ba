/**
 * Transaction and batch bundles: all entries at once or none, with the references between them resolved; or each entry alone.
 */
@NullMarked
package org.botoxfhir.bundle;

import org.jspecify.annotations.NullMarked;
