package org.botoxfhir.security;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A scope as the rules of SMART App Launch 2 read it, written down a second time for tests.
 *
 * @param context {@code patient}, {@code user} or {@code system}
 * @param type a type, or {@code *}
 * @param letters of version 2, or a word of version 1
 * @param category code that an Observation must have as category; null for any
 */
record Scope(
    String context, String type, String letters, @Nullable String category) {
  /** What care is given to a patient with, by whom and where; nobody's record. */
  private static final Set<String> NOBODYS = Set.of("Practitioner", "Organization", "Medication");

  private static final Set<String> OF_PATIENTS =
      Set.of("Patient", "Observation", "Procedure", "Encounter", "Condition");

  String text() {
    return context + "/" + type + "." + letters + (category == null ? "" : "?category=" + category);
  }

  private boolean names(String wanted, char letter) {
    String all = switch (letters) {
      case "read" -> "rs";
      case "write" -> "cud";
      case "*" -> "cruds";
      default -> letters;
    };
    return (type.equals(wanted) || type.equals("*")) && all.indexOf(letter) >= 0;
  }

  private boolean reaches(String wanted, char letter) {
    boolean reads = letter == 'r' || letter == 's';
    return !context.equals("patient")
        || OF_PATIENTS.contains(wanted)
        || NOBODYS.contains(wanted) && reads;
  }

  /** Whether the scopes allow the interaction with some resources of the type. */
  static boolean some(List<Scope> scopes, String type, char letter) {
    return scopes.stream()
        .anyMatch(scope -> scope.names(type, letter) && scope.reaches(type, letter));
  }

  /** Whether they allow it with all of them. */
  static boolean all(List<Scope> scopes, String type, char letter) {
    return scopes.stream()
        .anyMatch(scope -> scope.names(type, letter)
            && scope.reaches(type, letter)
            && scope.category() == null
            && (!scope.context().equals("patient") || NOBODYS.contains(type)));
  }

  /**
   * Whether they allow it with one.
   *
   * @param own whether it belongs to the patient of the launch
   * @param category of an Observation
   */
  static boolean one(
      List<Scope> scopes, String type, char letter, boolean own, @Nullable String category) {
    return scopes.stream()
        .anyMatch(scope -> scope.names(type, letter)
            && scope.reaches(type, letter)
            && (!scope.context().equals("patient") || own || NOBODYS.contains(type))
            && (scope.category() == null || scope.category().equals(category)));
  }
}
