/** How what the service does beside its requests begins and ends. Knows nothing of what that is. */
@NullMarked
package org.botoxfhir.background;

import org.jspecify.annotations.NullMarked;
