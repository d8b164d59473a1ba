/** The FHIR package {@code fhir-profiles}: generated from its sources, usable elsewhere, and as strict as it says. */
@NullMarked
package org.botoxfhir.profiles;

import org.jspecify.annotations.NullMarked;
