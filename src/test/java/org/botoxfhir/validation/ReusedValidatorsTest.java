package org.botoxfhir.validation;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ValidationOptions;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Our use of HAPI's validator, with validators that are used again and definitions that are read when they are asked for, against
 * HAPI's own, which makes a new validator each time and reads all definitions.
 */
class ReusedValidatorsTest {
  private static final long SEED = 20261127;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private static List<String> resources() throws IOException {
    List<String> resources = new ArrayList<>();
    for (String folder : List.of("fhir-profiles/package/example", "src/test/resources/examples")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        for (Path file :
            files.filter(one -> one.toString().endsWith(".json")).sorted().toList()) {
          JsonNode read = JSON.readTree(file.toFile());
          if (read.has("entry")) {
            read.path("entry")
                .forEach(entry -> resources.add(entry.path("resource").toString()));
          } else if (read.has("resourceType")) {
            resources.add(read.toString());
          }
        }
      }
    }
    return resources;
  }

  private static FhirValidator unpooled() {
    FhirContext context = FhirContext.forR4();
    IValidationSupport support =
        ProfileValidator.support(context, new DefaultProfileValidationSupport(context));
    var structure = new FhirInstanceValidator(support);
    structure.setAnyExtensionsAllowed(true);
    structure.setErrorForUnknownProfiles(false);
    structure.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    return context.newValidator().registerValidatorModule(structure);
  }

  private static ProfileValidator ours() {
    return ProfileValidator.shared().orTimeout(5, TimeUnit.MINUTES).join();
  }

  /** How many mutants: {@code -Dbotox.test.mutants=5000}. */
  @Test
  void findTheSameInGoodAndMutatedResourcesAsNewValidatorsOverAllDefinitions() throws IOException {
    FhirValidator unpooled = unpooled();
    ProfileValidator ours = ours();
    List<String> resources = resources();
    Random random = new Random(SEED);
    int mutants = Integer.getInteger("botox.test.mutants", 250);
    int findings = 0;
    for (int i = 0; i < resources.size() + mutants; i++) {
      String text = i < resources.size()
          ? resources.get(i)
          : mutant(resources.get(random.nextInt(resources.size())), random);
      List<String> expected =
          unpooled.validateWithResult(text, new ValidationOptions()).getMessages().stream()
              .map(one -> line(
                  one.getSeverity().name(),
                  one.getLocationString(),
                  one.getMessageId(),
                  one.getMessage()))
              .toList();
      List<String> found = ours.validate(text, ProfileValidator.claims(text)).stream()
          .map(one ->
              line(one.getLevel().name(), one.getLocation(), one.getMessageId(), one.getMessage()))
          .toList();
      assertThat(found).as(text).isEqualTo(expected);
      findings += found.size();
    }
    assertThat(findings).isGreaterThan(mutants / 2);
  }

  private static String line(String severity, String location, String message, String text) {
    return "%s %s %s %s".formatted(severity, location, message, text);
  }

  /** The resource with one to three things changed that may or may not be wrong. */
  private static String mutant(String text, Random random) {
    JsonNode resource = JSON.readTree(text);
    for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
      List<JsonNode> places = new ArrayList<>();
      collect(resource, places);
      JsonNode place = places.get(random.nextInt(places.size()));
      if (place instanceof ObjectNode object && !object.isEmpty()) {
        change(object, random);
      } else if (place instanceof ArrayNode array && !array.isEmpty()) {
        change(array, random);
      }
    }
    return resource.toString();
  }

  private static void collect(JsonNode node, List<JsonNode> places) {
    if (node.isContainer()) {
      places.add(node);
      node.forEach(child -> collect(child, places));
    }
  }

  private static void change(ArrayNode array, Random random) {
    switch (random.nextInt(3)) {
      case 0 -> array.remove(random.nextInt(array.size()));
      case 1 -> array.add(array.get(random.nextInt(array.size())).deepCopy());
      default -> array.insert(0, array.get(array.size() - 1).deepCopy());
    }
  }

  private static void change(ObjectNode object, Random random) {
    List<String> names = List.copyOf(object.propertyNames());
    String name = names.get(random.nextInt(names.size()));
    if (name.equals("resourceType")) {
      return;
    }
    JsonNode value = Objects.requireNonNull(object.get(name));
    switch (random.nextInt(6)) {
      case 0 -> object.remove(name);
      case 1 -> object.set("nonsense", value);
      case 2 ->
        object
            .putArray("extension")
            .addObject()
            .put(
                "url",
                random.nextBoolean()
                    ? "http://hl7.org/fhir/StructureDefinition/patient-birthPlace"
                    : "https://example.org/made-up")
            .put("valueString", "made up");
      case 3 -> {
        if (value.isNumber()) {
          object.put(name, -value.asInt());
        } else if (value.isString()) {
          object.put(name, value.asString().toUpperCase(Locale.ROOT));
        }
      }
      case 4 -> {
        if (value.isString()) {
          object.put(name, value.asString() + random.nextInt(100));
        }
      }
      default -> {
        if (name.equals("reference")) {
          object.put(name, "Spaceship/1");
        } else if (value.isString()) {
          object.put(name, "made-up");
        }
      }
    }
  }

  /** {@code -Dbotox.test.validations=100000}: no memory is kept of what was validated. Prints what it took. */
  @Test
  @EnabledIfSystemProperty(named = "botox.test.validations", matches = "\\d+")
  void keepNothingOfWhatTheyHaveSeen() throws IOException {
    ProfileValidator ours = ours();
    List<String> resources = resources();
    Random random = new Random(SEED);
    int half = Integer.getInteger("botox.test.validations") / 2;
    long settled = 0;
    long cpu = 0;
    for (int i = 0; i < 2 * half; i++) {
      if (i == half) {
        settled = usedHeap();
        cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      }
      String text = mutant(resources.get(random.nextInt(resources.size())), random);
      ours.validate(text, ProfileValidator.claims(text));
    }
    cpu = (ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu) / half / 1000;
    long after = usedHeap();
    System.out.printf(
        "heap after %d: %d KB, after %d: %d KB; %d us of CPU for each validation%n",
        half, settled / 1024, 2 * half, after / 1024, cpu);
    assertThat(after - settled).isLessThan(10L << 20);
  }

  private static long usedHeap() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
