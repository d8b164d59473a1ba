/**
 * Code systems, value sets and questionnaires that ship with the service.
 */
@NullMarked
package org.botoxfhir.terminology;

import org.jspecify.annotations.NullMarked;
