/**
 * What an operator can do and ask on the management port: parked events, replay, reconciliation, reindex. Answers name records and events by
 * their ids only. Decides nothing that its neighbours do not decide; it turns requests into calls and outcomes into words.
 */
@NullMarked
package org.botoxfhir.operation;

import org.jspecify.annotations.NullMarked;
