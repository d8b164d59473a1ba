/**
 * Whether a resource is valid FHIR: against R4 and against the profiles that ship with the service, on request and whenever one is
 * written. Stores nothing and changes nothing.
 */
@NullMarked
package org.botoxfhir.validation;

import org.jspecify.annotations.NullMarked;
