/**
 * Who did what, when and from where: one event for each interaction, refused and failed ones too, on record before the answer goes out.
 * Never part of what clients can write, and never in the tables of resources.
 */
@NullMarked
package org.botoxfhir.audit;

import org.jspecify.annotations.NullMarked;
