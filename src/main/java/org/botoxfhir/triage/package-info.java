/**
 * Pure rules from symptom facts to an urgency with cited reasons. Imports nothing of ours, reads one file of its own once, never calls
 * itself a diagnosis.
 */
@NullMarked
package org.botoxfhir.triage;

import org.jspecify.annotations.NullMarked;
