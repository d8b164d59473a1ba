package org.botoxfhir.leaks;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Which words of a FHIR resource tell of a patient: names, birth dates, identifiers, addresses, numbers to call, and what was answered in own
 * words.
 */
final class PersonalData {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Set<String> PERSONS = Set.of("Patient", "RelatedPerson");
  /** Elements of a person, and of a person's contacts, whose texts are such words. */
  private static final List<String> ELEMENTS = List.of("family", "given", "text", "value", "line");

  private static final Pattern BROKEN = Pattern.compile(
      "\"(?:family|birthDate)\"\\s*:\\s*\"([^\"]*)\"|<(?:family|given|birthDate) value=\"([^\"]*)\"");

  private static final Pattern BIRTH_DATE = Pattern.compile("(?:19\\d\\d|20[01]\\d)-\\d{2}-\\d{2}");
  /** A short number, another date or time, the scheme of a URI without more. */
  private static final Pattern COMMON = Pattern.compile("[\\d-]{1,7}|\\d{4}-\\d{2}-\\d{2}.*|.*:");

  private static final Pattern LETTER_OR_DIGIT = Pattern.compile("[\\p{L}\\p{N}]");

  private static final int SHORTEST = 4;

  private PersonalData() {}

  /** Those of all patients in a body, also in one that is cut off or otherwise broken, and in XML. */
  static Set<String> in(String body) {
    Set<String> found = new HashSet<>();
    if (body.contains("Patient") || body.contains("QuestionnaireResponse")) {
      try {
        resource(JSON.readTree(body), found);
      } catch (JacksonException broken) {
        BROKEN
            .matcher(body)
            .results()
            .forEach(match -> found.add(match.group(1) == null ? match.group(2) : match.group(1)));
      }
    }
    found.removeIf(value -> !isRecognisable(value));
    return found;
  }

  private static void resource(JsonNode node, Collection<String> found) {
    if (PERSONS.contains(node.path("resourceType").asString(""))) {
      for (JsonNode who : List.of(node, node.path("contact"))) {
        for (String element : List.of("name", "identifier", "telecom", "address")) {
          each(who, one -> words(one.path(element), found));
        }
      }
      texts(node.path("birthDate"), found);
    }
    // A record may name its patient by an identifier alone.
    for (String patient : List.of("subject", "patient")) {
      texts(node.path(patient).path("identifier").path("value"), found);
    }
    // What a patient wrote in own words
    each(node.path("answer"), answer -> texts(answer.path("valueString"), found));
    node.forEach(child -> resource(child, found));
  }

  private static void words(JsonNode element, Collection<String> found) {
    each(element, one -> ELEMENTS.forEach(name -> texts(one.path(name), found)));
  }

  private static void texts(JsonNode element, Collection<String> found) {
    each(element, one -> {
      if (one.isString()) {
        found.add(one.asString());
      }
    });
  }

  private static void each(JsonNode element, Consumer<JsonNode> one) {
    if (element.isArray()) {
      element.forEach(one);
    } else {
      one.accept(element);
    }
  }

  /**
   * Whether a value is known again when it is met: letters and digits enough, and of a birth date all of it, in a year in which people who live
   * were born. The tests have patients called {@code x}, too, and some who were born in the year 0.
   */
  private static boolean isRecognisable(String value) {
    return BIRTH_DATE.matcher(value).matches()
        || !COMMON.matcher(value).matches()
            && LETTER_OR_DIGIT.matcher(value).results().count() >= SHORTEST;
  }
}
