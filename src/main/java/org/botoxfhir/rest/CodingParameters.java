package org.botoxfhir.rest;

import java.util.List;
import java.util.Set;
import org.botoxfhir.terminology.Checked;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/** Which code a terminology operation is about: by its parts, as a Coding or as a CodeableConcept. */
final class CodingParameters {
  /** Codings of a concept; each is looked for by itself. */
  private static final int MOST = 50;

  private CodingParameters() {}

  /**
   * What {@code $validate-code} checks.
   *
   * @param systemName parameter that names the code system of {@code code}; null where it is known
   * @param versionName parameter that names its version
   */
  static Checked checked(
      OperationParameters parameters, @Nullable String systemName, String versionName) {
    List<String> given = List.of("code", "coding", "codeableConcept").stream()
        .filter(parameters::has)
        .toList();
    if (given.size() != 1) {
      throw parameters.invalid(
          given.isEmpty()
              ? "there is no code; give code, coding or codeableConcept"
              : "give one of " + String.join(" and ", given));
    }
    List<Coding> codings = switch (given.getFirst()) {
      case "code" -> List.of(parts(parameters, systemName, versionName));
      case "coding" -> List.of(parameters.value("coding", Coding.class).orElseThrow());
      default ->
        parameters.value("codeableConcept", CodeableConcept.class).orElseThrow().getCoding();
    };
    if (!given.contains("code")) {
      for (String one : partNames(systemName, versionName)) {
        if (parameters.has(one)) {
          throw parameters.invalid(
              "%s goes with code, not with %s".formatted(one, given.getFirst()));
        }
      }
    }
    boolean bySystem = systemName == null;
    List<Coding> usable = codings.stream()
        .filter(coding -> coding.hasCode() && (bySystem || coding.hasSystem()))
        .toList();
    if (usable.isEmpty()) {
      throw parameters.invalid(
          "%s has no %s".formatted(given.getFirst(), bySystem ? "code" : "code with a system"));
    }
    if (usable.size() > MOST) {
      throw parameters.invalid(
          "the concept has %d codings; check %d at a time".formatted(usable.size(), MOST));
    }
    return new Checked(
        usable, !parameters.has("abstract") || parameters.flag("abstract"), language(parameters));
  }

  private static Set<String> partNames(@Nullable String systemName, String versionName) {
    return systemName == null ? Set.of("display") : Set.of("display", systemName, versionName);
  }

  private static Coding parts(
      OperationParameters parameters, @Nullable String systemName, String versionName) {
    return new Coding()
        .setSystem(systemName == null ? null : parameters.required(systemName))
        .setVersion(parameters.text(versionName).orElse(null))
        .setCode(parameters.required("code"))
        .setDisplay(parameters.text("display").orElse(null));
  }

  static @Nullable String language(OperationParameters parameters) {
    return parameters.text("displayLanguage").orElse(null);
  }

  /** A coding that must have code and system. */
  static Coding complete(OperationParameters parameters, String name) {
    Coding coding = parameters
        .value(name, Coding.class)
        .orElseThrow(() -> parameters.invalid("there is no '%s'".formatted(name)));
    if (!coding.hasCode() || !coding.hasSystem()) {
      throw parameters.invalid("'%s' needs code and system".formatted(name));
    }
    return coding;
  }
}
