package org.botoxfhir.security;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A Consent of one provision, with at most one exception, somebody who asks, and a resource: whether it is hidden, by the rules of {@code
 * docs/privacy.md} and by nothing of the service.
 */
record ConsentCase(
    boolean active, Rule denies, @Nullable Rule permits, Caller caller, Target target) {

  /** The resources of the patient, each with what a provision may say of it. */
  enum Target {
    PATIENT("Patient", null, null),
    LABELLED("Observation", "made-up-code", "R"),
    VERY("Observation", "other-code", "V"),
    PLAIN("Observation", "other-code", null),
    PROCEDURE("Procedure", "made-up-code", "N"),
    /** Refers to the procedure. */
    REFERRING("Condition", null, null);

    final String type;
    final @Nullable String code;
    final @Nullable String label;

    Target(String type, @Nullable String code, @Nullable String label) {
      this.type = type;
      this.code = code;
      this.label = label;
    }
  }

  enum Caller {
    /** With a role in a ward of the hospital. */
    DOCTOR("user", "TREAT"),
    DOCTOR_WITHOUT_PURPOSE("user", null),
    STRANGER("user", null),
    RESEARCHER("user", "CLINTRCH"),
    PROGRAM("system", null),
    TREATING_PROGRAM("system", "COC"),
    BREAKS_THE_GLASS("user", "BTG"),
    PROGRAM_IN_AN_EMERGENCY("system", "ETREAT"),
    OWN_APP("patient", null),
    NOT_AUTHENTICATED("", null);

    final String scopes;
    final @Nullable String purpose;

    Caller(String scopes, @Nullable String purpose) {
      this.scopes = scopes;
      this.purpose = purpose;
    }

    boolean isOf(Who who) {
      return switch (who) {
        case ANYBODY -> true;
        case DOCTOR, ROLE, WARD, HOSPITAL -> this == DOCTOR || this == DOCTOR_WITHOUT_PURPOSE;
        case PROGRAM ->
          this == PROGRAM || this == TREATING_PROGRAM || this == PROGRAM_IN_AN_EMERGENCY;
        case STRANGER -> this == STRANGER;
        // cannot be told, so it is whoever asks
        case TEAM, AUTHOR -> true;
      };
    }

    /** What the caller asks for, from the broadest to the narrowest; empty when nobody knows. */
    List<String> purposes() {
      String stated = purpose == null && scopes.equals("user") ? "TREAT" : purpose;
      if (stated == null) {
        return List.of();
      }
      return switch (stated) {
        case "CLINTRCH" -> List.of("HRESCH", "CLINTRCH");
        case "COC" -> List.of("TREAT", "COC");
        case "ETREAT" -> List.of("TREAT", "ETREAT");
        case "BTG" -> List.of("TREAT", "ETREAT", "BTG");
        default -> List.of(stated);
      };
    }
  }

  enum Who {
    ANYBODY,
    DOCTOR,
    ROLE,
    WARD,
    HOSPITAL,
    PROGRAM,
    STRANGER,
    TEAM,
    AUTHOR
  }

  enum When {
    ALWAYS,
    NOW,
    PAST,
    FUTURE
  }

  /** Which instances. */
  enum Data {
    ALL,
    PROCEDURE,
    PROCEDURE_AND_RELATED,
    AUTHORED
  }

  /** A provision; null for what it does not say. */
  record Rule(
      Who who,
      When when,
      @Nullable String action,
      @Nullable String purpose,
      @Nullable String type,
      @Nullable String code,
      @Nullable String label,
      Data data) {

    boolean asked(Caller caller) {
      return caller.isOf(who) && (when == When.ALWAYS || when == When.NOW);
    }

    boolean isAbout(Target target) {
      boolean labelled = label == null
          || target.label != null
              && (label.equals("R")
                  ? Set.of("R", "V").contains(target.label)
                  : target.label.equals(label));
      boolean data = switch (this.data) {
        case ALL, AUTHORED -> true;
        case PROCEDURE -> target == Target.PROCEDURE;
        case PROCEDURE_AND_RELATED -> target == Target.PROCEDURE || target == Target.REFERRING;
      };
      return (type == null || type.equals("Unknown") || type.equals(target.type))
          && (code == null || code.equals(target.code))
          && labelled
          && data;
    }
  }

  /** Whether a resource is hidden from the caller. */
  boolean hides(Target resource) {
    if (!active
        || Set.of("", "patient").contains(caller.scopes)
        || caller == Caller.BREAKS_THE_GLASS) {
      return false;
    }
    List<String> purposes = caller.purposes();
    boolean reading = denies.action() == null || !denies.action().equals("collect");
    boolean purpose =
        denies.purpose() == null || purposes.isEmpty() || purposes.contains(denies.purpose());
    return reading
        && purpose
        && denies.asked(caller)
        && denies.isAbout(resource)
        && !(permits != null && isPermitted(permits, purposes, resource));
  }

  private boolean isPermitted(Rule rule, List<String> purposes, Target resource) {
    boolean understood = !Set.of(Who.TEAM, Who.AUTHOR).contains(rule.who())
        && (rule.action() == null || rule.action().equals("access"))
        && rule.code() == null
        && rule.label() == null
        && rule.data() == Data.ALL
        && !"Unknown".equals(rule.type());
    return understood
        && rule.asked(caller)
        && (rule.purpose() == null || purposes.contains(rule.purpose()))
        && rule.isAbout(resource);
  }
}
