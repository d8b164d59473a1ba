package org.botoxfhir;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Which package may know which: the table is the rule, and a package that is not in it does not belong here. */
class PackageArrowsTest {
  private static final String ROOT = "org.botoxfhir";
  private static final JavaClasses SERVICE = new ClassFileImporter()
      .withImportOption(new ImportOption.DoNotIncludeTests())
      .importPackages(ROOT);

  /** Packages that everyone may import, except each other as {@link #ARROWS} says. */
  private static final Set<String> SHARED = Set.of("fhir", "fault", "trace", "background");

  /** Package to the packages of ours that it may import besides {@link #SHARED}; packages of later releases have their place already. */
  private static final Map<String, Set<String>> ARROWS = Map.ofEntries(
      Map.entry(
          "rest",
          Set.of(
              "bundle",
              "patch",
              "symptom",
              "export",
              "resource",
              "search",
              "validation",
              "terminology",
              "security",
              "audit")),
      Map.entry("bundle", Set.of("patch", "resource", "security")),
      Map.entry("patch", Set.of()),
      Map.entry("trace", Set.of()),
      Map.entry("background", Set.of()),
      Map.entry("symptom", Set.of("triage", "resource", "security")),
      Map.entry("dosing", Set.of("resource")),
      Map.entry("validation", Set.of("resource", "terminology")),
      // Below search: ":in" and "$expand" have to hold the same codes.
      Map.entry("terminology", Set.of()),
      Map.entry("definition", Set.of("resource", "security", "store")),
      Map.entry("subscription", Set.of("outbox", "resource", "security")),
      Map.entry("export", Set.of("resource", "security")),
      Map.entry("resource", Set.of("search", "store", "outbox", "security")),
      // A search finds what its caller may see.
      Map.entry("search", Set.of("store", "terminology", "security")),
      Map.entry("store", Set.of()),
      Map.entry("outbox", Set.of()),
      Map.entry("kafka", Set.of("outbox")),
      Map.entry("security", Set.of()),
      // An operator names a patient; the outbox knows only the pseudonym. And what should have been
      // published follows from the records, which the outbox does not know either.
      // How far the index is, only search knows.
      Map.entry("operation", Set.of("outbox", "resource", "search", "security")),
      // The dates and pages of a search are the same everywhere, and so is the way to PostgreSQL.
      Map.entry("audit", Set.of("search", "security", "store")));

  /**
   * Single types of other packages that stand in the signatures of a contract, by the package of the contract: whoever may import it
   * may use them.
   */
  private static final Map<String, Set<String>> CONTRACT_TYPES =
      Map.of("resource", Set.of(ROOT + ".store.StoredVersion"));

  /** Single types that one package may use besides: the event that a derivation of {@code resource} hands over with its write. */
  private static final Map<String, Set<String>> SINGLE_TYPES =
      Map.of("symptom", Set.of(ROOT + ".outbox.NewEvent"));

  private static final String[] DATABASE = {
    "java.sql..", "javax.sql..", "org.springframework.jdbc..", "org.postgresql.."
  };

  @TestFactory
  Stream<DynamicTest> aPackageImportsOnlyWhatTheTableAllows() {
    return ARROWS.entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .map(arrow -> dynamicTest(
            "%s imports only %s".formatted(arrow.getKey(), new TreeSet<>(arrow.getValue())),
            () -> onlyImports(arrow.getKey(), with(arrow.getValue(), SHARED)).check(SERVICE)));
  }

  /** YAML is how the rules are written down; see docs/decisions/0004. */
  @Test
  void triageImportsNothingButTheJdkNullAnnotationsAndTheReaderOfItsRuleFile() {
    classes()
        .that()
        .resideInAPackage(ROOT + ".triage..")
        .should()
        .onlyDependOnClassesThat(resideInAnyPackage(
            ROOT + ".triage..", "java..", "org.jspecify..", "org.yaml.snakeyaml.."))
        .check(SERVICE);
  }

  @Test
  void faultImportsOnlyFhirAndFhirImportsNothingOfOurs() {
    onlyImports("fault", Set.of("fhir")).check(SERVICE);
    onlyImports("fhir", Set.of()).check(SERVICE);
  }

  @Test
  void theApplicationClassImportsNothingOfOurs() {
    noClasses()
        .that()
        .resideInAPackage(ROOT)
        .should()
        .dependOnClassesThat(resideInAPackage(ROOT + ".."))
        .check(SERVICE);
  }

  @Test
  void everyPackageIsInTheTable() {
    var packages = SERVICE.stream()
        .map(JavaClass::getPackageName)
        .filter(name -> !name.equals(ROOT))
        .map(name -> name.substring(ROOT.length() + 1).split("\\.", 2)[0])
        .collect(Collectors.toCollection(TreeSet::new));
    assertThat(with(with(ARROWS.keySet(), SHARED), Set.of("triage"))).containsAll(packages);
  }

  @Test
  void packagesDependOnEachOtherWithoutCycles() {
    slices().matching(ROOT + ".(*)..").should().beFreeOfCycles().check(SERVICE);
  }

  @Test
  void onlyKafkaKnowsTheKafkaClientAndCloudEvents() {
    hasItsHomeIn(
            Set.of("kafka"),
            "org.apache.kafka..",
            "org.springframework.kafka..",
            "io.cloudevents..")
        .check(SERVICE);
  }

  @Test
  void onlyRestAndSecurityKnowTheHapiServer() {
    hasItsHomeIn(Set.of("rest", "security"), "ca.uhn.fhir.rest.server..").check(SERVICE);
  }

  @Test
  void onlySecurityKnowsSpringSecurityAndTheReaderOfTokens() {
    hasItsHomeIn(Set.of("security"), "org.springframework.security..", "com.nimbusds..")
        .check(SERVICE);
  }

  @Test
  void onlyTraceKnowsOpenTelemetry() {
    hasItsHomeIn(Set.of("trace"), "io.opentelemetry..", "io.micrometer.tracing..")
        .check(SERVICE);
  }

  @Test
  void storeKnowsNoFhirLibrary() {
    noClasses()
        .that()
        .resideInAPackage(ROOT + ".store..")
        .should()
        .dependOnClassesThat(resideInAnyPackage("ca.uhn.fhir..", "org.hl7.fhir.."))
        .check(SERVICE);
  }

  @Test
  void onlyStoreOutboxAndAuditKnowTheDatabase() {
    hasItsHomeIn(Set.of("store", "outbox", "audit"), DATABASE).check(SERVICE);
  }

  /** The relay's session is a connection of its own that holds the publisher's lock; what stands around it may meet its exceptions. */
  @Test
  void onlyClassesNamedAfterATableALockOrASessionRunSqlStatements() {
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.(store|outbox|audit)\\.\\w*(Table|Tables|Lock|Session)(\\$.*)?")
        .should()
        .dependOnClassesThat(resideInAPackage("org.springframework.jdbc.core..")
            .or(assignableTo(Statement.class))
            .or(assignableTo(ResultSet.class)))
        .check(SERVICE);
  }

  @Test
  void nothingIsPrintedToStandardStreams() {
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(SERVICE);
  }

  @Test
  void nothingLogsThroughJavaUtilLogging() {
    NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(SERVICE);
  }

  private static ArchRule onlyImports(String from, Set<String> allowed) {
    String[] free = Stream.concat(Stream.of(from), allowed.stream())
        .map(name -> ROOT + "." + name + "..")
        .toArray(String[]::new);
    var contract = with(
        SINGLE_TYPES.getOrDefault(from, Set.of()),
        allowed.stream()
            .flatMap(name -> CONTRACT_TYPES.getOrDefault(name, Set.of()).stream())
            .collect(Collectors.toSet()));
    DescribedPredicate<JavaClass> contractType = DescribedPredicate.describe(
        "are " + contract, imported -> contract.contains(imported.getName()));
    return noClasses()
        .that()
        .resideInAPackage(ROOT + "." + from + "..")
        .should()
        .dependOnClassesThat(
            resideInAPackage(ROOT + "..").and(not(resideInAnyPackage(free))).and(not(contractType)))
        .allowEmptyShould(true);
  }

  private static ArchRule hasItsHomeIn(Set<String> homes, String... library) {
    return noClasses()
        .that()
        .resideOutsideOfPackages(
            homes.stream().map(home -> ROOT + "." + home + "..").toArray(String[]::new))
        .should()
        .dependOnClassesThat(resideInAnyPackage(library));
  }

  private static Set<String> with(Set<String> names, Set<String> more) {
    return Stream.concat(names.stream(), more.stream())
        .collect(Collectors.toCollection(TreeSet::new));
  }
}
