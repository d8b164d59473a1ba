package org.botoxfhir.benchmark;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.botoxfhir.testing.Fhir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What is measured, by name; the writing ones last, so that the others see the seed as it is. */
final class Workloads {
  /** Those with a patient of the examples, whose injection is on file. */
  private static final String REPORT = "report";

  private static final String VALIDATED = "create-validated";

  private static final int MOST_CARED_FOR = 200;
  private static final Path EXAMPLES = Path.of("src/test/resources/examples");
  private static final Path PROFILED =
      Path.of("fhir-profiles/package/example/Procedure-example-injection.json");

  private final Seed seed;
  private final int connections;
  private final int caredFor;
  private final String root;
  private final String run = Long.toString(System.currentTimeMillis(), 36);
  private final AtomicLong written = new AtomicLong();
  private final Map<String, Workload> all = new LinkedHashMap<>();

  /** @param connections that may send at the same time */
  Workloads(Seed seed, int connections) {
    this.seed = seed;
    this.connections = connections;
    caredFor = Math.min(MOST_CARED_FOR, seed.patients());
    root = seed.base().getPath();
    add("read", 200, (c, random) -> Workload.get(root + "/Procedure/" + procedure(random)));
    add(
        "vread",
        200,
        (c, random) -> Workload.get(root + "/Procedure/" + procedure(random) + "/_history/1"));
    add(
        "read-if-none-match",
        304,
        (c, random) ->
            Workload.get(root + "/Procedure/" + procedure(random), "If-None-Match: W/\"1\"\r\n"));
    add(
        "search-patient",
        200,
        (c, random) -> Workload.get(root + "/Procedure?patient=Patient/" + patient(random)
            + "&date=ge2024-01-01&_count=20"));
    add(
        "search-obs",
        200,
        (c, random) -> Workload.get(root + "/Observation?patient=Patient/" + patient(random)
            + "&code="
            + MadeUpRecords.MEASURES
                .get(random.nextInt(MadeUpRecords.MEASURES.size()))
                .token()));
    add(
        "search-code",
        200,
        (c, random) -> Workload.get(root + "/Procedure?code=" + MadeUpRecords.CODE_SYSTEM + "%7C"
            + injection(random) + "&_sort=-date&_count=20"));
    add("create", 201, (c, random) -> {
      int patient = seed.anyPatient(random);
      String body = MadeUpRecords.procedure(
          "", unique("create"), subject(patient), condition(patient), random);
      return Workload.with("POST", root + "/Procedure", body);
    });
    add("update", 200, (c, random) -> {
      // Each connection has procedures of its own, so that none is written by two at the same time.
      int own = random.nextInt((seed.procedures() - 1 - c) / connections + 1);
      int number = own * connections + c;
      int patient = number / MadeUpRecords.PROCEDURES;
      String id = seed.procedure(number);
      String body = MadeUpRecords.procedure(
          id, unique("update"), subject(patient), condition(patient), random);
      return Workload.with("PUT", root + "/Procedure/" + id, body);
    });
    add(
        "transaction",
        200,
        (c, random) -> Workload.with("POST", root, MadeUpRecords.visit(unique("visit"), random)));
    String report = read(EXAMPLES.resolve("chronic-migraine-report.json"));
    add(REPORT, 201, (c, random) -> {
      String patient = caredFor(REPORT, random.nextInt(caredFor));
      String body =
          report.replace("example-migraine-1", unique(REPORT)).replace("example-migraine", patient);
      return Workload.with("POST", root + "/QuestionnaireResponse", body);
    });
    String injected = profiled();
    add(VALIDATED, 201, (c, random) -> {
      String patient = caredFor(VALIDATED, random.nextInt(caredFor));
      return Workload.with(
          "POST", root + "/Procedure", injected.replace("example-patient", patient));
    });
  }

  private void add(String name, int expected, Workload.Requests requests) {
    all.put(name, new Workload(name, expected, requests));
  }

  /** @throws IllegalArgumentException when one of the names is that of no workload */
  static void requireKnown(List<String> names) {
    new Workloads(new Seed(URI.create("http://127.0.0.1")), 1).named(names);
  }

  /** Those of these names, in their order; all when there is none. */
  List<Workload> named(List<String> names) {
    for (String name : names) {
      if (!all.containsKey(name)) {
        throw new IllegalArgumentException(
            "no workload %s; there are %s".formatted(name, String.join(", ", all.keySet())));
      }
    }
    return names.isEmpty()
        ? List.copyOf(all.values())
        : names.stream().map(all::get).toList();
  }

  /** Puts on file what a workload needs beside the seed. */
  void prepare(Workload workload, Fhir fhir) {
    if (!List.of(REPORT, VALIDATED).contains(workload.name())) {
      return;
    }
    String patient = read(EXAMPLES.resolve("chronic-migraine.json"));
    for (int i = 0; i < caredFor; i++) {
      Fhir.Answer answer =
          fhir.post("", patient.replace("example-migraine", caredFor(workload.name(), i)));
      if (answer.status() != 200) {
        throw new IllegalStateException(
            "answered %d: %s".formatted(answer.status(), answer.body()));
      }
    }
  }

  /** Id of a patient of the examples. */
  private static String caredFor(String workload, int number) {
    return "made-up-%s-%d".formatted(workload, number);
  }

  /** What no other request has sent. */
  private String unique(String what) {
    return "%s-%s-%d".formatted(what, run, written.incrementAndGet());
  }

  private String procedure(SplittableRandom random) {
    return seed.procedure(random.nextInt(seed.procedures()));
  }

  private String patient(SplittableRandom random) {
    return seed.patient(seed.anyPatient(random));
  }

  private String subject(int patient) {
    return "Patient/" + seed.patient(patient);
  }

  private String condition(int patient) {
    return "Condition/" + seed.condition(patient);
  }

  private static String injection(SplittableRandom random) {
    return MadeUpRecords.INJECTIONS.get(random.nextInt(MadeUpRecords.INJECTIONS.size()));
  }

  /** A procedure that claims the profile of injections, as short as it can be written. */
  private static String profiled() {
    ObjectNode procedure = (ObjectNode) JsonMapper.shared().readTree(read(PROFILED));
    procedure.remove("id");
    return procedure.toString();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
