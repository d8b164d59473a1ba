/**
 * Patches: what a JSON Patch or a FHIRPath Patch makes of a resource. Pure: reads no record and writes none.
 */
@NullMarked
package org.botoxfhir.patch;

import org.jspecify.annotations.NullMarked;
