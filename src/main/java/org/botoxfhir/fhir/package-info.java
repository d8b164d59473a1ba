/**
 * What every part of the service says in FHIR R4: the context, the key of a resource, the canonical URLs. Imports no other package.
 */
@NullMarked
package org.botoxfhir.fhir;

import org.jspecify.annotations.NullMarked;
