/** The service as FHIR clients see it that this project did not write. */
@NullMarked
package org.botoxfhir.clients;

import org.jspecify.annotations.NullMarked;
