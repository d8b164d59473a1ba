package org.botoxfhir.security;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.jspecify.annotations.Nullable;

/**
 * Why somebody asks for a record: the purposes of use of HL7, as R4 has them (code system v3-ActReason, value set v3-PurposeOfUse), each with
 * the broader one that it is part of.
 */
public enum PurposeOfUse {
  HMARKT(null),
  HOPERAT(null),
  CAREMGT(HOPERAT),
  DONAT(HOPERAT),
  FRAUD(HOPERAT),
  GOV(HOPERAT),
  HACCRED(HOPERAT),
  HCOMPL(HOPERAT),
  HDECD(HOPERAT),
  HDIRECT(HOPERAT),
  HDM(HOPERAT),
  HLEGAL(HOPERAT),
  HOUTCOMS(HOPERAT),
  HPRGRP(HOPERAT),
  HQUALIMP(HOPERAT),
  HSYSADMIN(HOPERAT),
  LABELING(HSYSADMIN),
  METAMGT(HSYSADMIN),
  MEMADMIN(HOPERAT),
  MILCDM(HOPERAT),
  PATADMIN(HOPERAT),
  PATSFTY(HOPERAT),
  PERFMSR(HOPERAT),
  RECORDMGT(HOPERAT),
  SYSDEV(HOPERAT),
  HTEST(SYSDEV),
  TRAIN(HOPERAT),
  HPAYMT(null),
  CLMATTCH(HPAYMT),
  COVAUTH(HPAYMT),
  COVERAGE(HPAYMT),
  ELIGDTRM(COVERAGE),
  ELIGVER(COVERAGE),
  ENROLLM(COVERAGE),
  MILDCRG(COVERAGE),
  REMITADV(HPAYMT),
  HRESCH(null),
  BIORCH(HRESCH),
  CLINTRCH(HRESCH),
  CLINTRCHNPC(CLINTRCH),
  CLINTRCHPC(CLINTRCH),
  PRECLINTRCH(CLINTRCH),
  DSRCH(HRESCH),
  POARCH(HRESCH),
  TRANSRCH(HRESCH),
  PATRQT(null),
  FAMRQT(PATRQT),
  PWATRNY(PATRQT),
  SUPNWK(PATRQT),
  PUBHLTH(null),
  DISASTER(PUBHLTH),
  THREAT(PUBHLTH),
  TREAT(null),
  CLINTRL(TREAT),
  COC(TREAT),
  ETREAT(TREAT),
  BTG(ETREAT),
  ERTREAT(ETREAT),
  POPHLTH(TREAT);

  /** Canonical URL of the code system. */
  public static final String SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ActReason";

  /** Request header that states purposes: codes, each alone or as {@code system|code}, separated by commas. */
  public static final String HEADER = "X-Purpose-Of-Use";

  private final @Nullable PurposeOfUse broader;

  PurposeOfUse(@Nullable PurposeOfUse broader) {
    this.broader = broader;
  }

  /** Whether it opens what a Consent denies: break the glass, and the emergency treatment that this is part of. */
  public boolean breaksTheGlass() {
    return this == BTG || this == ETREAT;
  }

  /** It, and all that it is part of. */
  public Set<PurposeOfUse> withBroader() {
    Set<PurposeOfUse> all = EnumSet.noneOf(PurposeOfUse.class);
    for (PurposeOfUse one = this; one != null; one = one.broader) {
      all.add(one);
    }
    return all;
  }

  /** The purpose that a code stands for; empty when it is none. @param system null for any */
  public static Optional<PurposeOfUse> of(@Nullable String system, @Nullable String code) {
    return system != null && !system.equals(SYSTEM)
        ? Optional.empty()
        : Arrays.stream(values()).filter(one -> one.name().equals(code)).findFirst();
  }

  /** A code, alone or as {@code system|code}. */
  static Optional<PurposeOfUse> of(String token) {
    int bar = token.lastIndexOf('|');
    return bar < 0 ? of(null, token) : of(token.substring(0, bar), token.substring(bar + 1));
  }

  /**
   * The purposes that the header states.
   *
   * @param header null where there is none
   * @throws FaultException with {@link Fault.Invalid} when one of them is not known
   */
  public static Set<PurposeOfUse> read(@Nullable String header) {
    Set<PurposeOfUse> stated = EnumSet.noneOf(PurposeOfUse.class);
    if (header == null) {
      return stated;
    }
    for (String token : header.split(",", -1)) {
      stated.add(of(token.strip())
          .orElseThrow(() -> new FaultException(Fault.invalid(
              "code-invalid",
              "'%s' of the header %s is no purpose of use; write one or more codes of %s, separated by commas: %s"
                  .formatted(token.strip(), HEADER, SYSTEM, codes()),
              null))));
    }
    return stated;
  }

  private static String codes() {
    return Arrays.stream(values()).map(Enum::name).collect(Collectors.joining(", "));
  }
}
