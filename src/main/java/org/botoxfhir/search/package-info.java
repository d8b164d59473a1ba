/**
 * From a resource to its index rows, from a query string to a query, from a query to SQL.
 */
@NullMarked
package org.botoxfhir.search;

import org.jspecify.annotations.NullMarked;
