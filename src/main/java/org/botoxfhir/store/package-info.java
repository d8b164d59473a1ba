/**
 * The tables of current and past versions and of index rows. JSON in, JSON out; no HAPI types, no meaning.
 */
@NullMarked
package org.botoxfhir.store;

import org.jspecify.annotations.NullMarked;
