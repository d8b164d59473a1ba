/** Dashboard, alerts, their pages and the table of metrics say what the service does. */
@NullMarked
package org.botoxfhir.telemetry;

import org.jspecify.annotations.NullMarked;
