package org.botoxfhir.store;

import java.time.Instant;
import java.util.List;

/**
 * What one provision of a Consent denies of a patient's record, or permits as an exception of such a denial. All conditions must hold; one that
 * is empty always does.
 *
 * @param number of the provision within its Consent, from 1
 * @param within of a permission the number of the denial that it is an exception of; 0 for a denial
 * @param patient id of the patient whose record it is about
 * @param starts first moment
 * @param ends last moment
 * @param actors whom: {@code type/id}, or {@code |} and the value of an identifier
 * @param purposes for which: codes of v3-PurposeOfUse
 * @param types of resources
 * @param codes {@code system|code}, or {@code |code} of whatever system, one of which stands in the resource
 * @param labels likewise
 * @param instances {@code type/id} of resources
 * @param related whether what refers to one of the instances is meant too
 */
public record Denial(
    int number,
    int within,
    String patient,
    Instant starts,
    Instant ends,
    List<String> actors,
    List<String> purposes,
    List<String> types,
    List<String> codes,
    List<String> labels,
    List<String> instances,
    boolean related) {}
