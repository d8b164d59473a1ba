package org.botoxfhir.symptom;

import java.math.BigDecimal;
import java.util.List;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.triage.Injection;
import org.botoxfhir.triage.Moment;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/**
 * An injection of botulinum toxin on file: of one product, so that one Procedure in which two were given is two of these.
 *
 * @param performed when it began
 * @param ended when it ended
 * @param product code of the product, or null when none is coded
 * @param units sum of what was given, in units of the product (UCUM {@code [arb'U]}), or null when none is known: units of two
 *     products never add up
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

  /** Whether a symptom of that time may be an effect: as the window of triage, which is a tag there and no filter either. */
  boolean mayExplain(Moment time) {
    Moment given = fact().performed();
    return !time.until().isBefore(given.from())
        && !time.from().isAfter(given.until().plus(Injection.WINDOW));
  }

  LinkedInjection given(@Nullable Coding what, @Nullable BigDecimal sum, List<Coding> where) {
    return new LinkedInjection(procedure, performed, ended, what, sum, where);
  }
}
