/**
 * Puts the definitions that the service brings along on file: its own before it listens, R4's code systems and value sets once, in the
 * background.
 */
@NullMarked
package org.botoxfhir.definition;

import org.jspecify.annotations.NullMarked;
