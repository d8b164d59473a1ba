package org.botoxfhir.security;

import java.util.List;

/**
 * A token and an interaction, and what has to come of it: the rules of {@code docs/authorization.md}, by nothing of the service.
 *
 * @param category of the resource, where it is an Observation
 */
record ScopeCase(
    List<Scope> scopes, Interaction interaction, String type, Whose whose, String category) {
  enum Whose {
    OWN,
    OTHERS,
    NONE
  }

  enum Interaction {
    READ,
    VREAD,
    HISTORY,
    TYPE_HISTORY,
    SEARCH,
    COUNT,
    CHAIN,
    HAS,
    INCLUDE,
    REVINCLUDE,
    EVERYTHING,
    CREATE,
    CONDITIONAL_CREATE,
    UPDATE,
    PATCH,
    CONDITIONAL_DELETE,
    DELETE
  }

  private boolean some(char letter) {
    return some(type, letter);
  }

  private boolean some(String of, char letter) {
    return Scope.some(scopes, of, letter);
  }

  private boolean one(char letter) {
    return one(type, letter);
  }

  private boolean one(String of, char letter) {
    return Scope.one(scopes, of, letter, whose == Whose.OWN, category);
  }

  private boolean everywhere(char letter) {
    return Scope.all(scopes, type, letter);
  }

  /** The rules, by nothing of the service. */
  String expected() {
    boolean there = whose != Whose.NONE;
    return switch (interaction) {
      case READ, VREAD, HISTORY ->
        !some('r') ? "forbidden" : there && one('r') ? "found 1" : "not-found";
      case TYPE_HISTORY -> everywhere('s') ? "history" : "forbidden";
      case SEARCH, COUNT -> !some('s') ? "forbidden" : there && one('s') ? "found 1" : "found 0";
      // To the resource of the type by its patient, who has to be seen as well.
      case CHAIN ->
        !some('s') || !some("Patient", 's')
            ? "forbidden"
            : there && one('s') && one("Patient", 's') ? "found 1" : "found 0";
      // The patient by the resource of the type.
      case HAS ->
        !some("Patient", 's') || !some('s')
            ? "forbidden"
            : there && one("Patient", 's') && one('s') ? "found 1" : "found 0";
      case INCLUDE ->
        !some('s')
            ? "forbidden"
            : !there || !one('s') ? "found 0" : one("Patient", 's') ? "found 1 with 1" : "found 1";
      case REVINCLUDE ->
        !some("Patient", 's') || !some('s')
            ? "forbidden"
            : !there || !one("Patient", 's')
                ? "found 0"
                : one('s') ? "found 1 with some" : "found 1";
      case EVERYTHING -> !some('r') ? "forbidden" : there && one('r') ? "found 1" : "not-found";
      case CREATE -> !creates() ? "forbidden" : there || isNobodys(type) ? "stored" : "refused";
      case CONDITIONAL_CREATE ->
        !creates() || !some('s')
            ? "forbidden"
            : there && one('s') ? "existed" : there || isNobodys(type) ? "stored" : "refused";
      case UPDATE -> {
        if (!some('u') || !one('u')) {
          yield "forbidden"; // the content alone says so
        }
        yield there
            ? "stored"
            : !everywhere('u') ? "not-found" : isNobodys(type) ? "stored" : "refused";
      }
      case PATCH ->
        !some('u') || !some('r')
            ? "forbidden"
            : there && one('u') && one('r') ? "stored" : "not-found";
      case DELETE -> !some('d') ? "forbidden" : there && one('d') ? "deleted" : "nothing to delete";
      case CONDITIONAL_DELETE ->
        !some('s') || !some('d')
            ? "forbidden"
            : there && one('s') && one('d') ? "deleted" : "nothing to delete";
    };
  }

  /** A new Patient is not the patient of the launch. */
  private boolean creates() {
    return type.equals("Patient") ? Scope.one(scopes, "Patient", 'c', false, null) : one('c');
  }

  /** Whether it needs no patient on file. */
  private static boolean isNobodys(String type) {
    return List.of("Patient", "Practitioner").contains(type);
  }
}
