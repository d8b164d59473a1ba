package org.botoxfhir.profiles;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No code of a public code system is in the package, or in the rules of triage, but those of {@code clinical-codes.txt}. */
class ClinicalCodesTest {
  private static final String MUSCLE_NUMBERS = "urn:iso:std:iso:11073:10101 ";
  private static final String UBERON = "http://purl.obolibrary.org/obo/uberon.owl ";

  /** Systems that are HL7's, our own or the internet's. */
  private static final Pattern NOT_CLINICAL = Pattern.compile(
      "https://botoxfhir\\.org/.*|http://terminology\\.hl7\\.org/.*|http://hl7\\.org/fhir/(?!sid/).*|urn:ietf:.*");

  /** As codes of SNOMED CT, RxNorm, ISO/IEEE 11073, Uberon, ICD-10-CM, LOINC, NDC and HCPCS look wherever they stand, also in expressions and texts. */
  private static final Pattern LOOKS_LIKE_A_CODE = Pattern.compile(
      "(?<![\\w.:/-])(?:\\d{6,18}(?![\\w.-])|UBERON_\\d+|[A-TV-Z]\\d[0-9A-Z]\\.[0-9A-Z]{1,4}(?!\\w)|\\d{3,5}-\\d(?![\\w-])|\\d{4,5}-\\d{3,4}-\\d{1,2}(?!\\w)|[JGQ]\\d{4}(?!\\w))");

  private static final Set<String> ALLOWED = allowed();
  private static final Set<String> ALLOWED_CODES =
      ALLOWED.stream().map(line -> line.split(" ")[1]).collect(Collectors.toSet());

  @Test
  void everyCodedConceptIsOnTheList() {
    assertThat(ours().values().stream().flatMap(ClinicalCodesTest::codes))
        .hasSizeGreaterThan(250)
        .allSatisfy(code -> assertThat(ALLOWED).contains(code));
  }

  @Test
  void whateverLooksLikeACodeIsOnTheListToo() throws IOException {
    Map<String, String> texts = new TreeMap<>();
    ours().forEach((file, content) -> texts.put(file, content.toString()));
    Path rules = Path.of("src/main/resources/triage/rules.yaml");
    texts.put(rules.toString(), Files.readString(rules));

    // Expressions ask for the beginning of a code.
    texts.forEach((file, text) -> assertThat(
            LOOKS_LIKE_A_CODE.matcher(text).results().map(MatchResult::group))
        .as(file)
        .allMatch(found -> ALLOWED_CODES.stream().anyMatch(allowed -> allowed.startsWith(found))));
  }

  @Test
  void everyFixedUnitIsOnTheList() {
    assertThat(FhirPackage.definitions()
            .map(FhirPackage::read)
            .flatMap(definition -> definition.at("/snapshot/element").valueStream())
            .filter(element -> element.path("path").asText().matches(".+[.:]\\w+\\.code")
                && element.has("patternCode"))
            .map(element ->
                "http://unitsofmeasure.org " + element.get("patternCode").asText()))
        .isNotEmpty()
        .allSatisfy(unit -> assertThat(ALLOWED).contains(unit));
  }

  @Test
  void everyMuscleOfTheListCanBeSaid() {
    Set<String> used =
        ours().values().stream().flatMap(ClinicalCodesTest::codes).collect(Collectors.toSet());
    assertThat(ALLOWED)
        .filteredOn(code -> code.startsWith(MUSCLE_NUMBERS) || code.startsWith(UBERON))
        .isNotEmpty()
        .allSatisfy(code -> assertThat(used).contains(code));
  }

  /** The files of the package by their paths, without the snapshots of profiles, which repeat what R4 says. */
  private static Map<String, JsonNode> ours() {
    return Stream.concat(FhirPackage.definitions(), FhirPackage.examples())
        .collect(Collectors.toMap(Path::toString, file -> {
          ObjectNode content = (ObjectNode) FhirPackage.read(file);
          content.remove("snapshot");
          return content;
        }));
  }

  /** System and code of every coding, quantity, concept of a value set and row of a concept map. */
  private static Stream<String> codes(JsonNode node) {
    Stream<String> below = node.isContainerNode()
        ? node.valueStream().flatMap(ClinicalCodesTest::codes)
        : Stream.empty();
    Stream<String> coded = Stream.of(
            of(node.path("system"), node), of(node.path("system"), node.path("concept")))
        .flatMap(all -> all);
    Stream<String> mapped = node.path("element").isArray() && node.has("source")
        ? Stream.concat(
            of(node.get("source"), node.get("element")),
            node.get("element")
                .valueStream()
                .flatMap(row -> of(node.path("target"), row.path("target"))))
        : Stream.empty();
    return Stream.of(below, coded, mapped).flatMap(all -> all);
  }

  private static Stream<String> of(JsonNode system, JsonNode concepts) {
    if (!system.isTextual() || NOT_CLINICAL.matcher(system.asText()).matches()) {
      return Stream.empty();
    }
    Stream<JsonNode> each = concepts.isArray() ? concepts.valueStream() : Stream.of(concepts);
    return each.filter(concept -> concept.path("code").isTextual())
        .map(concept -> system.asText() + " " + concept.get("code").asText());
  }

  private static Set<String> allowed() {
    try (Stream<String> lines = Files.lines(Path.of("src/test/resources/clinical-codes.txt"))) {
      return lines
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
