package org.botoxfhir.terminology;

import org.jspecify.annotations.Nullable;

/**
 * {@code ValueSet/$expand}.
 *
 * @param filter words that each begin a word of the display or of a designation, or the beginning of the code
 * @param offset codes to leave out first
 * @param count codes to answer at most; null for all
 * @param designations whether designations are answered
 * @param definition whether the definition of the value set is answered
 * @param activeOnly without codes whose use has ended
 * @param displayLanguage BCP 47 tag
 */
public record ExpandRequest(
    SetSource set,
    @Nullable String filter,
    int offset,
    @Nullable Integer count,
    boolean designations,
    boolean definition,
    boolean activeOnly,
    @Nullable String displayLanguage) {}
