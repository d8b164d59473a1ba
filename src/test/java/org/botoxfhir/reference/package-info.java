/**
 * A second, slow opinion on searches: over all resources in memory, straight from R4's search chapter, without index or SQL and without
 * any code of {@code search}.
 */
@NullMarked
package org.botoxfhir.reference;

import org.jspecify.annotations.NullMarked;
