/**
 * Expected failures as values, and the findings that explain them. Only {@code rest} turns them into HTTP.
 */
@NullMarked
package org.botoxfhir.fault;

import org.jspecify.annotations.NullMarked;
