package org.botoxfhir.triage;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.botoxfhir.triage.TriageResult.FiredRule;
import org.jspecify.annotations.Nullable;

/** A version of the rules, checked and ready to use. Pure: the same facts give the same result. */
public final class RuleSet {
  static final String FILE = "triage/rules.yaml";

  private final String version;
  private final List<Rule> rules;
  private final Map<Symptom, SymptomDefinition> definitions = new EnumMap<>(Symptom.class);
  private final Map<String, Symptom> byCode = new HashMap<>();

  /** Only {@link RuleSetReader} makes one, since what it read is still to be checked as a whole. */
  RuleSet(String version, Iterable<SymptomDefinition> definitions, List<Rule> rules) {
    this.version = version;
    // Sorting is stable: among equals the file's order stays.
    this.rules = rules.stream()
        .sorted(Comparator.comparing((Rule rule) -> rule.fired().urgency()).reversed())
        .toList();
    for (SymptomDefinition definition : definitions) {
      this.definitions.put(definition.symptom(), definition);
      definition
          .codes()
          .forEach(code -> byCode.put(key(code.system(), code.code()), definition.symptom()));
    }
  }

  /**
   * The rules that ship with the service. Read once; the first call fails when they are not safe to use.
   *
   * @throws DefectiveRulesException as the cause of the first call's {@link ExceptionInInitializerError}
   */
  public static RuleSet shipped() {
    return Shipped.RULES;
  }

  /** What the rules say of these facts. */
  public TriageResult triage(TriageFacts facts) {
    List<FiredRule> fired = new ArrayList<>();
    Urgency urgency = Urgency.ROUTINE;
    for (Rule rule : rules) {
      if (rule.criterion().holds(facts)) {
        fired.add(rule.fired());
        urgency = urgency.orMore(rule.fired().urgency());
      }
    }
    return new TriageResult(urgency, fired, version, withinWindow(facts));
  }

  String version() {
    return version;
  }

  /** Most urgent first. */
  List<Rule> rules() {
    return rules;
  }

  SymptomDefinition definition(Symptom symptom) {
    return Objects.requireNonNull(definitions.get(symptom), "every symptom is defined");
  }

  Optional<Symptom> symptom(@Nullable String system, String code) {
    String known = system == null || system.isEmpty() ? ClinicalCode.SNOMED : system;
    return Optional.ofNullable(byCode.get(key(known, code)));
  }

  private static String key(String system, String code) {
    return system + "|" + code;
  }

  private static boolean withinWindow(TriageFacts facts) {
    for (Injection injection : facts.injections()) {
      for (ReportedSymptom reported : facts.symptoms()) {
        if (injection.windowCovers(reported.onset())) {
          return true;
        }
      }
    }
    return false;
  }

  private static final class Shipped {
    private static final RuleSet RULES = read();

    private static RuleSet read() {
      try (InputStream file = RuleSet.class.getResourceAsStream("/" + FILE)) {
        if (file == null) {
          throw new DefectiveRulesException(List.of(FILE + ": the file is missing"));
        }
        return RuleSetReader.read(FILE, new InputStreamReader(file, StandardCharsets.UTF_8));
      } catch (IOException failed) {
        throw new UncheckedIOException(failed);
      }
    }
  }
}
