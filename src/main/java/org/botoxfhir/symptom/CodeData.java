package org.botoxfhir.symptom;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.jspecify.annotations.Nullable;

/**
 * A code in an event, and the system that it comes from. What a client sends as a code may be anything, a name or a sentence too; only
 * what looks like a code leaves the house.
 */
record CodeData(@Nullable String system, String code) {
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9.\\-_]{0,31}");

  private static final Pattern SYSTEM =
      Pattern.compile("(https?://|urn:)[A-Za-z0-9.\\-_/:]{1,200}");

  static Optional<CodeData> of(@Nullable Coding coding) {
    if (coding == null || !coding.hasCode() || !CODE.matcher(coding.getCode()).matches()) {
      return Optional.empty();
    }
    String system = coding.getSystem();
    return system != null && !SYSTEM.matcher(system).matches()
        ? Optional.empty()
        : Optional.of(new CodeData(system, coding.getCode()));
  }

  /** All codes of the concepts, each once. */
  static List<CodeData> all(Stream<CodeableConcept> concepts) {
    return concepts
        .flatMap(concept -> concept.getCoding().stream())
        .flatMap(coding -> of(coding).stream())
        .distinct()
        .toList();
  }

  /** The first code of a concept, or null. */
  static @Nullable CodeData first(CodeableConcept concept) {
    return all(Stream.of(concept)).stream().findFirst().orElse(null);
  }
}
