/** The worked clinical examples of {@code src/test/resources/examples}. */
@NullMarked
package org.botoxfhir.examples;

import org.jspecify.annotations.NullMarked;
