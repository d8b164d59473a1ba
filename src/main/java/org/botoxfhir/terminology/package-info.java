/**
 * What code systems and value sets say: which codes a value set holds, what a code means, which code is below which. Knows no
 * storage: {@link org.botoxfhir.terminology.Definitions} gives it what is on file, and another server what is not, if one is
 * configured. It never answers with a part of a value set.
 */
@NullMarked
package org.botoxfhir.terminology;

import org.jspecify.annotations.NullMarked;
