/**
 * Patient-reported symptoms: answers to Observations, link to the injection, triage, candidate AdverseEvent, event.
 */
@NullMarked
package org.botoxfhir.symptom;

import org.jspecify.annotations.NullMarked;
