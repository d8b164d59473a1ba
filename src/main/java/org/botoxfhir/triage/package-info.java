/**
 * Pure rules from symptom facts to an urgency with cited reasons. Imports nothing, does no I/O, never calls itself a diagnosis.
 */
@NullMarked
package org.botoxfhir.triage;

import org.jspecify.annotations.NullMarked;
