/**
 * The one door to the data: every read and write of the service goes through {@code Resources}.
 */
@NullMarked
package org.botoxfhir.resource;

import org.jspecify.annotations.NullMarked;
