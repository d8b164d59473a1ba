/**
 * Who is asking: an access token becomes an {@code Access}, which every call of {@code resource.Resources} takes. No token ever gets
 * into a log, a metric or the text of an exception.
 */
@NullMarked
package org.botoxfhir.security;

import org.jspecify.annotations.NullMarked;
