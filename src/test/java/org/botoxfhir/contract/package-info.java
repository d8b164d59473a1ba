/** What the service promises to those who read its events, and that it keeps it. */
@NullMarked
package org.botoxfhir.contract;

import org.jspecify.annotations.NullMarked;
