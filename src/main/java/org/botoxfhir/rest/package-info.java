/**
 * FHIR over HTTP: interactions, paging links, CapabilityStatement, and the answer to every fault.
 */
@NullMarked
package org.botoxfhir.rest;

import org.jspecify.annotations.NullMarked;
