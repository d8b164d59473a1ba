/** Generated patients, as an EHR would send them: loaded through the transaction endpoint and read back. */
@NullMarked
package org.botoxfhir.synthea;

import org.jspecify.annotations.NullMarked;
