package org.botoxfhir.security;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.jspecify.annotations.Nullable;

/**
 * What the scopes of a token allow: those of <a href="https://hl7.org/fhir/smart-app-launch/STU2/scopes-and-launch-context.html">SMART
 * App Launch 2</a> and of version 1. Says nothing of which resources belong to a patient: that is {@code search.Confinements}.
 */
public final class Grants {
  /** Nothing is asked of the caller: development mode, a gateway that authorises, the service itself. */
  public static final Grants ALL = new Grants(null, List.of(), List.of(), true);

  /** Scopes that allow to erase a patient's record. No other does, not even for all types; there is none of a patient. */
  static final List<String> PURGE = List.of("user/Patient.$purge", "system/Patient.$purge");

  private static final String EVERY_TYPE = "*";
  private static final String PATIENT = "patient";
  private static final String USER = "user";

  private static final Pattern SCOPE =
      Pattern.compile("(patient|user|system)/(\\*|[A-Z][A-Za-z]{1,63})\\.([a-z]+|\\*)(?:\\?(.*))?");

  /** Who did what is for those alone whose token names the type: a scope for all types is not enough. */
  private static final Set<String> NAMED_ONLY = Set.of("AuditEvent");

  /** What tells of the patient and of others at once, or of who looked: no scope of a patient reaches it. */
  private static final Set<String> NEVER_BY_PATIENT = Set.of("AuditEvent", "Group");

  /** Unusable scopes that an answer quotes. */
  private static final int MOST_QUOTED = 3;

  private final @Nullable String patient;
  private final List<Grant> grants;
  private final List<String> unusable;
  private final boolean purge;

  private Grants(
      @Nullable String patient, List<Grant> grants, List<String> unusable, boolean purge) {
    this.patient = patient;
    this.grants = List.copyOf(grants);
    this.unusable = List.copyOf(unusable);
    this.purge = purge;
  }

  /** One scope. */
  private record Grant(String type, Set<Permission> permissions, Bound bound) {
    boolean allows(String wanted, Permission permission) {
      boolean named = type.equals(wanted);
      return permissions.contains(permission)
          && (named || type.equals(EVERY_TYPE) && !NAMED_ONLY.contains(wanted))
          && !(bound.ownRecord() && NEVER_BY_PATIENT.contains(wanted));
    }
  }

  /**
   * Resources of a type that one scope reaches.
   *
   * @param scope as it stands in the token
   * @param ownRecord whether only what belongs to the patient of the launch, and what is nobody's record
   * @param restrictions all of them must hold
   */
  public record Bound(String scope, boolean ownRecord, List<Restriction> restrictions) {
    /** Whether it is a scope of a person who is no patient of a launch. */
    public boolean ofUser() {
      return scope.startsWith(USER + "/");
    }
  }

  /** A search parameter of a scope with its value, decoded. */
  public record Restriction(String parameter, String value) {}

  /**
   * Reads the scopes of a token. What is none of a resource, such as {@code openid}, is left aside; what cannot be read, and {@code
   * patient/} without a patient, grants nothing.
   *
   * @param scopes each as in the token
   * @param patient id of the patient of the launch; null for none
   */
  public static Grants of(Collection<String> scopes, @Nullable String patient) {
    String id = patient != null && ResourceKey.isId(patient) ? patient : null;
    List<Grant> grants = new ArrayList<>();
    List<String> unusable = new ArrayList<>();
    for (String scope : scopes) {
      Matcher parts = SCOPE.matcher(scope);
      if (!parts.matches()) {
        continue;
      }
      Set<Permission> permissions = Permission.of(parts.group(3));
      Optional<List<Restriction>> restrictions = restrictions(parts.group(4), parts.group(3));
      boolean own = parts.group(1).equals(PATIENT);
      if (permissions.isEmpty()) {
        unusable.add(quoted(
            scope,
            "what follows the dot is none of c, r, u, d, s in this order, " + "read, write, *"));
      } else if (restrictions.isEmpty()) {
        unusable.add(quoted(
            scope,
            "what follows '?' cannot be read as parameter=value, "
                + "or the scope is of version 1"));
      } else if (own && id == null) {
        unusable.add(quoted(scope, "the token names no patient of the launch"));
      } else {
        grants.add(
            new Grant(parts.group(2), permissions, new Bound(scope, own, restrictions.get())));
      }
    }
    return new Grants(id, grants, unusable, scopes.stream().anyMatch(PURGE::contains));
  }

  private static String quoted(String scope, String why) {
    return "'%s' (%s)".formatted(scope, why);
  }

  /** Empty when the text is unreadable, or goes with what has no restrictions in version 1. */
  private static Optional<List<Restriction>> restrictions(@Nullable String query, String letters) {
    List<Restriction> restrictions = new ArrayList<>();
    if (query == null) {
      return Optional.of(restrictions);
    }
    if (Set.of("read", "write", EVERY_TYPE).contains(letters)) {
      return Optional.empty();
    }
    for (String pair : query.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals < 1 || equals == pair.length() - 1) {
        return Optional.empty();
      }
      try {
        restrictions.add(new Restriction(
            decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1))));
      } catch (IllegalArgumentException malformed) {
        return Optional.empty();
      }
    }
    return Optional.of(List.copyOf(restrictions));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  /** Whether everything is allowed, so that nothing has to be looked at. */
  public boolean isAll() {
    return this == ALL;
  }

  /** Whether a scope of a user or a program is among them: what reads more than the record of a launch. */
  public boolean reachOthers() {
    return grants.stream().anyMatch(grant -> !grant.bound().ownRecord());
  }

  /** Whether a scope of a person who is no patient of a launch is among them. */
  public boolean ofUser() {
    return grants.stream().anyMatch(grant -> grant.bound().ofUser());
  }

  /** Id of the patient of the launch; null for none. */
  public @Nullable String patient() {
    return patient;
  }

  /** What reaches resources of a type: any of these. Empty when nothing does. Not asked of {@link #ALL}. */
  public List<Bound> bounds(String type, Permission permission) {
    List<Bound> bounds = new ArrayList<>();
    for (Grant grant : grants) {
      if (grant.allows(type, permission)) {
        bounds.add(grant.bound());
      }
    }
    return bounds;
  }

  /**
   * Lets only those pass who may erase patients' records.
   *
   * @throws FaultException with {@link Fault.Forbidden}
   */
  public void requirePurge() {
    if (!purge) {
      throw new FaultException(new Fault.Forbidden(
          List.of(Finding.error(
              "forbidden",
              "exporting and erasing a patient's record takes one of the scopes "
                  + String.join(", ", PURGE),
              null)),
          String.join(" ", PURGE)));
    }
  }

  /** The scopes that would allow something, separated by spaces as in a token. */
  public static String needed(String type, Permission permission, boolean byPatient) {
    return contexts(type, byPatient)
        .map(context -> "%s/%s.%s".formatted(context, type, permission.letter()))
        .collect(Collectors.joining(" "));
  }

  private static Stream<String> contexts(String type, boolean byPatient) {
    return byPatient && !NEVER_BY_PATIENT.contains(type)
        ? Stream.of(PATIENT, USER, "system")
        : Stream.of(USER, "system");
  }

  /**
   * Why something is not allowed, and what would allow it.
   *
   * @param byPatient whether scopes of a patient reach the type at all
   * @param more further scopes that grant nothing, each with its reason
   */
  public String refusal(String type, Permission permission, boolean byPatient, List<String> more) {
    List<String> idle =
        Stream.concat(unusable.stream(), more.stream()).limit(MOST_QUOTED).toList();
    return "%s %s takes one of the scopes %s%s"
        .formatted(
            permission.doing(),
            type,
            needed(type, permission, byPatient).replace(" ", ", "),
            idle.isEmpty() ? "" : "; these of the token grant nothing: " + String.join(", ", idle));
  }

  /** Whether they come of the same scopes and patient; {@link #ALL} equals nothing that a token says. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof Grants that
            && !isAll()
            && !that.isAll()
            && Objects.equals(patient, that.patient)
            && grants.equals(that.grants)
            && unusable.equals(that.unusable)
            && purge == that.purge;
  }

  @Override
  public int hashCode() {
    return Objects.hash(patient, grants, unusable, purge);
  }

  /** Without the id of the patient. */
  @Override
  public String toString() {
    return isAll()
        ? "Grants[all]"
        : grants.stream()
            .map(grant -> grant.bound().scope())
            .collect(Collectors.joining(" ", "Grants[", "]"));
  }
}
