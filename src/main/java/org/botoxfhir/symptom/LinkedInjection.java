package org.botoxfhir.symptom;

import java.math.BigDecimal;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.Injection;
import org.botoxfhir.triage.Moment;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/**
 * An injection of botulinum toxin on file.
 *
 * @param performed when it began
 * @param ended when it ended
 * @param product code of the product, or null when none is coded or products differ
 * @param units sum of what was given, in units of the product (UCUM {@code [arb'U]}), or null when none is known or products
 *     differ: units of two products never add up
 * @param sites coded sites, each once
 */
record LinkedInjection(
    ResourceKey procedure,
    WrittenDate performed,
    WrittenDate ended,
    @Nullable Coding product,
    @Nullable BigDecimal units,
    List<Coding> sites) {
  LinkedInjection {
    sites = List.copyOf(sites);
  }

  Injection fact() {
    var moment = new Moment(
        performed.from(),
        ended.until().isBefore(performed.from()) ? performed.until() : ended.until());
    return new Injection(moment, sites.stream().anyMatch(FaceMuscles::include));
  }
}
