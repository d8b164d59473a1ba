/**
 * Traces: which steps a request took, and which event came of it, as OpenTelemetry spans. A span names kinds of things (interaction, type,
 * topic) and never a thing: no id of a record, no parameter, no text. Where no receiver of spans is configured nothing is recorded, and
 * what a request says of its own trace is only carried on.
 */
@NullMarked
package org.botoxfhir.trace;

import org.jspecify.annotations.NullMarked;
