package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.security.Grants.Bound;
import org.botoxfhir.security.Grants.Restriction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Scopes of SMART App Launch, versions 1 and 2, and what they allow. */
class GrantsTest {
  private static String letters(Grants grants, String type) {
    return EnumSet.allOf(Permission.class).stream()
        .filter(permission -> !grants.bounds(type, permission).isEmpty())
        .map(permission -> String.valueOf(permission.letter()))
        .collect(Collectors.joining());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "openid",
        "fhirUser",
        "launch/patient",
        "offline_access",
        "",
        "patient/Procedure",
        "patient/Procedure.",
        "patient/Procedure.sr",
        "patient/Procedure.rr",
        "patient/Procedure.R",
        "patient/Procedure.rx",
        "patient/Procedure.READ",
        "patient/Procedure.reads",
        "patient/procedure.rs",
        "Patient/Procedure.rs",
        "patients/Procedure.rs",
        "patient/Proc*.rs",
        "patient/Procedure.rs ",
        " patient/Procedure.rs",
        "patient/Procedure.rs?",
        "patient/Procedure.rs?category",
        "patient/Procedure.rs?=x",
        "patient/Procedure.rs?category=",
        "patient/Procedure.rs?category=%zz",
        "patient/Procedure.rs?category=x&",
        "patient/Procedure.read?category=x",
        "patient/Procedure.*?category=x",
        "patient//Procedure.rs",
        "patient/Observation.rs"
      })
  void whatIsNoScopeForATypeGrantsNothingOfIt(String scope) {
    assertThat(letters(Grants.of(List.of(scope), "1"), "Procedure")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "user/Procedure.c, c",
    "user/Procedure.rs, rs",
    "user/Procedure.cruds, cruds",
    "user/Procedure.cud, cud",
    "system/Procedure.ds, ds",
    "system/*.r, r",
    "system/*.cruds, cruds",
    "patient/Procedure.rs, rs",
    "patient/*.u, u",
    "user/Procedure.read, rs",
    "user/Procedure.write, cud",
    "patient/Procedure.*, cruds",
    "patient/*.*, cruds",
    "user/Procedure.rs?category=a, rs"
  })
  void aScopeGrantsItsLettersAndVersionOneItsWords(String scope, String letters) {
    assertThat(letters(Grants.of(List.of(scope), "1"), "Procedure")).isEqualTo(letters);
  }

  @Test
  void severalScopesAddUpAndEachKeepsItsOwnBound() {
    Grants grants = Grants.of(
        List.of(
            "patient/Observation.rs",
            "user/Observation.s?category=a%7Cb&code=c,d",
            "user/Device.r"),
        "1");

    assertThat(grants.bounds("Observation", Permission.READ))
        .containsExactly(new Bound("patient/Observation.rs", true, List.of()));
    assertThat(grants.bounds("Observation", Permission.SEARCH))
        .containsExactly(
            new Bound("patient/Observation.rs", true, List.of()),
            new Bound(
                "user/Observation.s?category=a%7Cb&code=c,d",
                false,
                List.of(new Restriction("category", "a|b"), new Restriction("code", "c,d"))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "Patient/1", "1/../2", "a b"})
  void aPatientsScopeWithoutAPatientGrantsNothingAndTheRefusalSaysWhy(String patient) {
    Grants grants =
        Grants.of(List.of("patient/Procedure.rs"), patient.equals("none") ? null : patient);

    assertThat(letters(grants, "Procedure")).isEmpty();
    assertThat(grants.refusal("Procedure", Permission.READ, true, List.of()))
        .isEqualTo(
            "reading Procedure takes one of the scopes patient/Procedure.r, user/Procedure.r, system/Procedure.r;"
                + " these of the token grant nothing: 'patient/Procedure.rs' (the token names no patient of the launch)");
  }

  @Test
  void theAuditTrailTakesAScopeThatNamesItAndIsNoPatients() {
    for (String scope : List.of("system/*.cruds", "user/*.*", "patient/AuditEvent.rs")) {
      assertThat(letters(Grants.of(List.of(scope), "1"), "AuditEvent"))
          .as(scope)
          .isEmpty();
    }
    assertThat(letters(Grants.of(List.of("user/AuditEvent.rs"), null), "AuditEvent"))
        .isEqualTo("rs");
    assertThat(Grants.needed("AuditEvent", Permission.SEARCH, true))
        .isEqualTo("user/AuditEvent.s system/AuditEvent.s");
  }

  @Test
  void aGroupNamesOtherPatientsTooSoNoPatientsScopeReachesIt() {
    assertThat(letters(Grants.of(Set.of("patient/*.rs", "patient/Group.rs"), "1"), "Group"))
        .isEmpty();
    assertThat(letters(Grants.of(Set.of("user/*.rs"), null), "Group")).isEqualTo("rs");
  }

  @Test
  void noScopesAtAllAllowNothing() {
    assertThat(letters(Grants.of(List.of(), "1"), "Patient")).isEmpty();
    assertThat(Grants.of(List.of(), "1").isAll()).isFalse();
  }

  @Test
  void theTextOfGrantsDoesNotNameThePatient() {
    assertThat(Grants.of(List.of("patient/*.rs"), "made-up-patient"))
        .hasToString("Grants[patient/*.rs]");
  }
}
