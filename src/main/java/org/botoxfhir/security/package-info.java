/**
 * Who is asking. Every call of {@code resource.Resources} takes an {@code Access}.
 */
@NullMarked
package org.botoxfhir.security;

import org.jspecify.annotations.NullMarked;
