package org.botoxfhir.benchmark;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.StrictErrorHandler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.junit.jupiter.api.Test;

/** What the benchmarks store; that the service takes it shows {@link BenchmarkRequestsTest}. */
class MadeUpRecordsTest {
  private static final Pattern REFERENCE = Pattern.compile("\"reference\":\"([^\"]+)\"");
  private static final Pattern DAY = Pattern.compile("20\\d\\d-\\d\\d-\\d\\d");

  private static Bundle parsed(String json) {
    IParser parser = FhirContext.forR4Cached().newJsonParser();
    parser.setParserErrorHandler(new StrictErrorHandler());
    return parser.parseResource(Bundle.class, json);
  }

  private static List<String> days(String json) {
    return DAY.matcher(json).results().map(MatchResult::group).toList();
  }

  private static Map<String, Long> types(Bundle bundle) {
    return bundle.getEntry().stream()
        .collect(
            Collectors.groupingBy(entry -> entry.getResource().fhirType(), Collectors.counting()));
  }

  @Test
  void thePatientsAreTheSameEachTimeAndNoTwoAreAlike() {
    assertThat(MadeUpRecords.bundle(7)).isEqualTo(MadeUpRecords.bundle(7));
    assertThat(days(MadeUpRecords.bundle(8))).isNotEqualTo(days(MadeUpRecords.bundle(7)));
  }

  @Test
  void aPatientHasOneConditionTwentyProceduresAndFortyObservations() {
    assertThat(types(parsed(MadeUpRecords.bundle(15_999))))
        .isEqualTo(Map.of("Patient", 1L, "Condition", 1L, "Procedure", 20L, "Observation", 40L));
  }

  @Test
  void aVisitHasTenResourcesOfSevenTypes() {
    Bundle visit = parsed(MadeUpRecords.visit("made-up", new SplittableRandom(1)));
    assertThat(visit.getEntry()).hasSize(10);
    assertThat(types(visit)).hasSize(7);
  }

  @Test
  void everyReferenceIsToAnEntryOfItsBundle() {
    for (String json :
        List.of(MadeUpRecords.bundle(1), MadeUpRecords.visit("made-up", new SplittableRandom(1)))) {
      Map<String, BundleEntryComponent> entries = parsed(json).getEntry().stream()
          .collect(Collectors.toMap(BundleEntryComponent::getFullUrl, Function.identity()));
      assertThat(REFERENCE.matcher(json).results().map((MatchResult found) -> found.group(1)))
          .isNotEmpty()
          .allMatch(entries::containsKey);
    }
  }

  @Test
  void everyCodeOfAPublicSystemIsOnTheListOfThoseWithASource() throws IOException {
    List<String> allowed = Files.readAllLines(Path.of("src/test/resources/clinical-codes.txt"));
    assertThat(MadeUpRecords.DIAGNOSES)
        .allMatch(code -> allowed.contains(MadeUpRecords.DIAGNOSIS_SYSTEM + " " + code));
    assertThat(allowed).contains("http://loinc.org 72514-3", "http://www.whocc.no/atc M03AX01");
  }
}
