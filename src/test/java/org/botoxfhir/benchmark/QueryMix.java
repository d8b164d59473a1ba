package org.botoxfhir.benchmark;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/**
 * Shapes of searches, whose cost should not depend on how many patients there are. Each answers a page of at most twenty, or as
 * much as belongs to one patient; only {@code count-by-code} has an answer that grows.
 */
final class QueryMix {
  private final Seed seed;
  private final List<Workload> shapes = new ArrayList<>();

  QueryMix(Seed seed) {
    this.seed = seed;
    add("token-identifier", random -> "Patient?identifier=" + identifier(random));
    add("token-gender", random -> "Patient?gender=female&_count=20");
    add("token-procedure", random -> "Procedure?code=" + injection(random) + "&_count=20");
    add("token-diagnosis", random -> "Condition?code=" + diagnosis(random) + "&_count=20");
    add("date-month", random -> {
      String month = MadeUpRecords.day(random).substring(0, 7);
      return "Procedure?date=" + month + "&_count=20";
    });
    add("date-birth", random -> "Patient?birthdate=lt1970-01-01&_count=20");
    add(
        "date-in-record",
        random -> "Observation?patient=" + patient(random) + "&date=ge2022-01-01&_count=20");
    add(
        "date-sorted",
        random -> "Observation?date=le" + MadeUpRecords.day(random) + "&_sort=-date&_count=20");
    add("changed-since", random -> "Procedure?_lastUpdated=ge" + seed.newest() + "&_count=20");
    add("string-exact", random -> "Patient?given:exact=Madeup" + seed.anyPatient(random));
    add(
        "string-begin",
        random -> "Patient?family=" + MadeUpRecords.family(random).substring(0, 2) + "&_count=20");
    add("reference-patient", random -> "Procedure?patient=" + patient(random) + "&_count=20");
    add(
        "reference-reason",
        random -> "Procedure?reason-reference=Condition/"
            + seed.condition(seed.anyPatient(random))
            + "&_count=20");
    add(
        "chain-identifier",
        random -> "Observation?patient.identifier=" + identifier(random) + "&_count=20");
    add(
        "chain-name",
        random -> "Procedure?patient.given:exact=Madeup" + seed.anyPatient(random) + "&_count=20");
    add("chain-gender", random -> "Procedure?patient.gender=female&_count=20");
    add(
        "chain-of-two",
        random -> "Procedure?reason-reference:Condition.subject:Patient.identifier="
            + identifier(random)
            + "&_count=20");
    add(
        "has-identifier",
        random -> "Patient?_has:Procedure:patient:identifier=" + procedure(random));
    add(
        "has-code",
        random -> "Patient?_has:Observation:patient:code=" + measure(random) + "&_count=20");
    add(
        "has-of-condition",
        random -> "Condition?_has:Procedure:reason-reference:identifier=" + procedure(random));
    add(
        "include-patient",
        random -> "Procedure?patient=" + patient(random) + "&_include=Procedure:patient&_count=20");
    add(
        "include-reason",
        random -> "Procedure?code=" + injection(random)
            + "&_include=Procedure:reason-reference&_count=20");
    add(
        "revinclude-conditions",
        random -> "Patient?identifier=" + identifier(random) + "&_revinclude=Condition:patient");
    add(
        "revinclude-procedures",
        random ->
            "Condition?patient=" + patient(random) + "&_revinclude=Procedure:reason-reference");
    add("sort-date", random -> "Procedure?code=" + injection(random) + "&_sort=-date&_count=20");
    add("sort-name", random -> "Patient?gender=male&_sort=family,given&_count=20");
    add(
        "sort-updated",
        random -> "Observation?code=" + measure(random) + "&_sort=-_lastUpdated&_count=20");
    add(
        "composite-in-record",
        random -> "Observation?patient=" + patient(random) + "&code-value-quantity="
            + MadeUpRecords.MEASURES.getFirst().token() + "$ge0&_count=20");
    add(
        "composite",
        random -> "Observation?code-value-quantity=" + measure(random) + "$gt8&_count=20");
    add("count-in-record", random -> "Observation?patient=" + patient(random) + "&_summary=count");
    add("count-by-code", random -> "Procedure?code=" + injection(random) + "&_summary=count");
  }

  private void add(String name, Function<SplittableRandom, String> query) {
    String root = seed.base().getPath() + "/";
    shapes.add(
        new Workload(name, 200, (connection, random) -> Workload.get(root + query.apply(random))));
  }

  /** In the order of the table. */
  List<Workload> shapes() {
    return List.copyOf(shapes);
  }

  /** How much an answer holds, or counts. */
  static int found(JsonNode bundle) {
    return Math.max(bundle.path("entry").size(), bundle.path("total").asInt(0));
  }

  private String patient(SplittableRandom random) {
    return "Patient/" + seed.patient(seed.anyPatient(random));
  }

  private String identifier(SplittableRandom random) {
    return MadeUpRecords.PATIENT_SYSTEM + "%7C" + seed.anyPatient(random);
  }

  private String procedure(SplittableRandom random) {
    return MadeUpRecords.PROCEDURE_SYSTEM + "%7C"
        + MadeUpRecords.identifier(
            seed.anyPatient(random), random.nextInt(MadeUpRecords.PROCEDURES));
  }

  private static String injection(SplittableRandom random) {
    return MadeUpRecords.CODE_SYSTEM + "%7C" + any(MadeUpRecords.INJECTIONS, random);
  }

  private static String diagnosis(SplittableRandom random) {
    return MadeUpRecords.DIAGNOSIS_SYSTEM + "%7C" + any(MadeUpRecords.DIAGNOSES, random);
  }

  private static String measure(SplittableRandom random) {
    return any(MadeUpRecords.MEASURES, random).token();
  }

  private static <T> T any(List<T> values, SplittableRandom random) {
    return values.get(random.nextInt(values.size()));
  }
}
