/** What an EHR's programmer writes first, as {@code docs/integration.md} shows it. */
@NullMarked
package org.botoxfhir.examples.ehr;

import org.jspecify.annotations.NullMarked;
