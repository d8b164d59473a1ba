package org.botoxfhir.triage;

import java.io.Reader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.botoxfhir.triage.Criterion.All;
import org.botoxfhir.triage.Criterion.AtRisk;
import org.botoxfhir.triage.Criterion.Either;
import org.botoxfhir.triage.Criterion.FaceNotInjected;
import org.botoxfhir.triage.Criterion.NotAlone;
import org.botoxfhir.triage.Criterion.NothingReadable;
import org.botoxfhir.triage.Criterion.Reported;
import org.botoxfhir.triage.Criterion.SignsOfSpread;
import org.botoxfhir.triage.SymptomDefinition.BoxedWarning;
import org.botoxfhir.triage.TriageResult.FiredRule;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;

/**
 * Reads and checks the rule file. Every defect is gathered, so that whoever edits the file sees all of them at once.
 */
final class RuleSetReader {
  private static final Set<String> SYMPTOM_KEYS = Set.of("symptom", "with", "at-least");
  private static final String CONDITION_KEYS =
      "symptom (with, at-least), symptom-and-another, signs-of-spread, risk, injection-into-face, readable-symptoms, all, any";

  private static final Moment NOW = Moment.at(Instant.EPOCH);
  private static final Injection FACE_INJECTION = new Injection(NOW, true);

  /**
   * All that can be reported at once, without an injection. No condition asks for the absence of a part of it, so what does not hold
   * here holds for no report with a symptom.
   */
  private static final TriageFacts EVERYTHING = new TriageFacts(
      Stream.concat(Arrays.stream(Symptom.values()), Stream.of((@Nullable Symptom) null))
          .map(symptom ->
              new ReportedSymptom(symptom, Severity.SEVERE, EnumSet.allOf(Detail.class), NOW))
          .toList(),
      EnumSet.allOf(Risk.class),
      List.of());

  /** A report of which nothing can be read, whatever is known of the patient. */
  private static final TriageFacts NOTHING =
      new TriageFacts(List.of(), EnumSet.allOf(Risk.class), List.of());

  /** Stands for a condition whose defect is noted. */
  private static final Criterion NOT_UNDERSTOOD = new Either(List.of());

  private final RuleDocument file;

  private final Map<String, String> sources = new HashMap<>();
  private final Map<Symptom, SymptomDefinition> definitions = new EnumMap<>(Symptom.class);
  private final Map<String, Criterion> named = new HashMap<>();
  private final Map<String, Rule> rules = new LinkedHashMap<>();
  private final Map<Criterion, String> ruleOfCriterion = new HashMap<>();

  /** What the rules ask for; the rest would be there in vain. */
  private final Set<String> usedSources = new HashSet<>();

  private final Set<String> usedConditions = new HashSet<>();
  private final Set<Detail> usedDetails = EnumSet.noneOf(Detail.class);
  private final Set<Risk> usedRisks = EnumSet.noneOf(Risk.class);

  private RuleSetReader(RuleDocument file) {
    this.file = file;
  }

  /**
   * The rules of a file.
   *
   * @param file its name, for messages
   * @throws DefectiveRulesException naming every defect
   */
  static RuleSet read(String file, Reader text) {
    var yaml = new RuleDocument(file);
    var reader = new RuleSetReader(yaml);
    RuleSet rules = reader.read(yaml.parse(text));
    yaml.refuseDefects();
    reader.checkAsAWhole(rules);
    yaml.refuseDefects();
    return rules;
  }

  private RuleSet read(Node root) {
    Map<String, Node> parts =
        file.entries(root, Set.of("version", "sources", "symptoms", "conditions", "rules"));
    String version = file.text(root, parts, "version");
    file.entries(parts.get("sources")).forEach((name, source) -> {
      file.about("source " + name);
      sources.put(name, file.text(source));
    });
    file.entries(parts.get("symptoms")).forEach(this::readSymptom);
    // A condition may use those above it, so that none can be made of itself.
    file.entries(parts.get("conditions")).forEach((name, condition) -> {
      file.about("condition " + name);
      named.put(name, condition(condition));
    });
    Node list = parts.get("rules");
    if (list != null) {
      file.items(list).forEach(this::readRule);
    }
    file.entries(parts.get("sources"))
        .forEach((name, node) -> refuseUnused(node, "source", name, usedSources));
    file.entries(parts.get("conditions"))
        .forEach((name, node) -> refuseUnused(node, "condition", name, usedConditions));
    return new RuleSet(version, definitions.values(), List.copyOf(rules.values()));
  }

  private void refuseUnused(Node node, String what, String name, Set<String> used) {
    if (!used.contains(name)) {
      file.about(what + " " + name);
      file.defect(node, "no rule uses it");
    }
  }

  private void readSymptom(String name, Node node) {
    file.about("symptom " + name);
    Map<String, Node> parts =
        file.entries(node, Set.of("area", "boxed-warning", "snomed", "icd-10-cm"));
    Optional<Symptom> symptom = file.word(node, name, Symptom.class, "symptom");
    Node areaNode = parts.get("area");
    Optional<BodyArea> area = areaNode == null
        ? file.missing(node, "area")
        : file.word(areaNode, file.text(areaNode), BodyArea.class, "area");
    Node warning = parts.get("boxed-warning");
    Optional<BoxedWarning> boxedWarning = warning == null
        ? Optional.of(BoxedWarning.NOT_NAMED)
        : file.word(warning, file.text(warning), BoxedWarning.class, "boxed-warning");
    List<ClinicalCode> codes = codes(node, parts);
    if (symptom.isPresent() && area.isPresent() && boxedWarning.isPresent()) {
      definitions.put(
          symptom.get(),
          new SymptomDefinition(symptom.get(), area.get(), boxedWarning.get(), codes));
    }
  }

  private List<ClinicalCode> codes(Node node, Map<String, Node> parts) {
    var codes = new ArrayList<ClinicalCode>();
    Map<String, Node> snomed = file.entries(parts.get("snomed"));
    if (snomed.isEmpty()) {
      file.defect(node, "no SNOMED CT code means it, so it can never be reported");
    }
    snomed.forEach(
        (code, term) -> addCode(codes, term, ClinicalCode.snomed(code, file.text(term))));
    Node icd = parts.get("icd-10-cm");
    if (icd != null) {
      file.items(icd).forEach(code -> addCode(codes, code, ClinicalCode.icd(file.text(code))));
    }
    return codes;
  }

  private void addCode(List<ClinicalCode> codes, Node node, ClinicalCode code) {
    code.defect().ifPresent(defect -> file.defect(node, defect));
    for (SymptomDefinition definition : definitions.values()) {
      for (ClinicalCode other : definition.codes()) {
        if (other.system().equals(code.system()) && other.code().equals(code.code())) {
          file.defect(
              node,
              "%s means %s already; a code means one symptom"
                  .formatted(code.code(), RuleDocument.word(definition.symptom())));
        }
      }
    }
    codes.add(code);
  }

  private void readRule(Node node) {
    file.about(idOf(node).map(id -> "rule " + id).orElse("a rule"));
    Map<String, Node> parts =
        file.entries(node, Set.of("id", "urgency", "when", "reason", "source"));
    String id = file.text(node, parts, "id");
    if (!id.matches("[a-z][a-z-]*[a-z]")) {
      file.defect(node, "its id is not lower-case words with hyphens");
    }
    Node urgencyNode = parts.get("urgency");
    Optional<Urgency> urgency = urgencyNode == null
        ? file.missing(node, "urgency")
        : file.word(urgencyNode, file.text(urgencyNode), Urgency.class, "urgency");
    String reason = file.text(node, parts, "reason");
    String sourceName = file.text(node, parts, "source");
    String source = sources.getOrDefault(sourceName, "");
    usedSources.add(sourceName);
    if (source.isEmpty() && !sourceName.isEmpty()) {
      file.defect(node, RuleDocument.unknown("source", sourceName, sources.keySet()));
    }
    Node when = parts.get("when");
    if (when == null) {
      file.missing(node, "when");
      return;
    }
    int defectsBefore = file.defects();
    Criterion criterion = criterionOfARule(when);
    boolean understood = file.defects() == defectsBefore;
    var rule =
        new Rule(criterion, new FiredRule(id, urgency.orElse(Urgency.EMERGENCY), reason, source));
    if (rules.put(id, rule) != null) {
      file.defect(node, "two rules have this id");
    }
    if (understood) {
      String same = ruleOfCriterion.put(criterion, id);
      if (same != null) {
        file.defect(when, "rule %s has the same condition".formatted(same));
      }
      if (!criterion.holds(EVERYTHING) && !criterion.holds(NOTHING)) {
        file.defect(when, "no report can ever make it apply");
      }
    }
  }

  /** The id alone, so that the defects of the other properties can name the rule. */
  private static Optional<String> idOf(Node rule) {
    return rule instanceof MappingNode mapping
        ? mapping.getValue().stream()
            .filter(tuple ->
                tuple.getKeyNode() instanceof ScalarNode key && key.getValue().equals("id"))
            .map(NodeTuple::getValueNode)
            .filter(ScalarNode.class::isInstance)
            .map(id -> ((ScalarNode) id).getValue().strip())
            .findFirst()
        : Optional.empty();
  }

  /** "Nothing readable" makes a rule of its own only: it is the one thing that more symptoms can make untrue. */
  private Criterion criterionOfARule(Node node) {
    if (node instanceof MappingNode) {
      Map<String, Node> parts = file.entries(node);
      Node readable = parts.get("readable-symptoms");
      if (readable != null && parts.size() == 1) {
        only(readable, "readable-symptoms", "none");
        return new NothingReadable();
      }
    }
    return condition(node);
  }

  private Criterion condition(Node node) {
    if (node instanceof ScalarNode) {
      String name = file.text(node);
      usedConditions.add(name);
      Criterion criterion = named.get(name);
      if (criterion == null) {
        file.defect(node, RuleDocument.unknown("condition", name, named.keySet()));
        return NOT_UNDERSTOOD;
      }
      return criterion;
    }
    Map<String, Node> parts = file.entries(node);
    Node symptom = parts.get("symptom");
    if (symptom != null && SYMPTOM_KEYS.containsAll(parts.keySet())) {
      return reported(symptom, parts);
    }
    if (parts.size() != 1) {
      file.defect(
          node,
          "a condition is one of %s, not %s"
              .formatted(
                  CONDITION_KEYS,
                  parts.isEmpty() ? "nothing" : String.join(" with ", parts.keySet())));
      return NOT_UNDERSTOOD;
    }
    Map.Entry<String, Node> part = parts.entrySet().iterator().next();
    Node value = part.getValue();
    return switch (part.getKey()) {
      case "symptom-and-another" ->
        file.word(value, file.text(value), Symptom.class, "symptom")
            .<Criterion>map(NotAlone::new)
            .orElse(NOT_UNDERSTOOD);
      case "signs-of-spread" -> {
        if (!file.text(value).matches("[1-9]")) {
          file.defect(
              value,
              "signs-of-spread is a number of areas from 1 to 9, not '%s'"
                  .formatted(file.text(value)));
          yield NOT_UNDERSTOOD;
        }
        yield SignsOfSpread.of(definitions.values(), Integer.parseInt(file.text(value)));
      }
      case "risk" -> {
        Set<Risk> risks = file.words(value, Risk.class, "risk");
        usedRisks.addAll(risks);
        yield new AtRisk(risks);
      }
      case "injection-into-face" -> {
        only(value, "injection-into-face", "not-known");
        yield new FaceNotInjected();
      }
      case "all" -> new All(conditions(value));
      case "any" -> new Either(conditions(value));
      default -> {
        file.defect(
            node, "a condition is one of %s, not %s".formatted(CONDITION_KEYS, part.getKey()));
        yield NOT_UNDERSTOOD;
      }
    };
  }

  private List<Criterion> conditions(Node node) {
    return file.items(node).stream().map(this::condition).toList();
  }

  private Criterion reported(Node meant, Map<String, Node> parts) {
    Set<Symptom> symptoms = EnumSet.noneOf(Symptom.class);
    boolean notUnderstood = false;
    for (Node node : file.items(meant)) {
      String name = file.text(node);
      switch (name) {
        case "any" -> {
          symptoms.addAll(EnumSet.allOf(Symptom.class));
          notUnderstood = true;
        }
        case "not-understood" -> notUnderstood = true;
        default -> file.word(node, name, Symptom.class, "symptom").ifPresent(symptoms::add);
      }
    }
    Node with = parts.get("with");
    Set<Detail> details = with == null ? Set.of() : file.words(with, Detail.class, "detail");
    usedDetails.addAll(details);
    Node atLeast = parts.get("at-least");
    return new Reported(
        symptoms,
        notUnderstood,
        details,
        atLeast == null
            ? null
            : file.word(atLeast, file.text(atLeast), Severity.class, "severity").orElse(null));
  }

  private void only(Node node, String key, String value) {
    if (!file.text(node).equals(value)) {
      file.defect(node, "%s can only be %s, not '%s'".formatted(key, value, file.text(node)));
    }
  }

  /** What only the whole set can show: that nothing a patient may report is without an answer. */
  private void checkAsAWhole(RuleSet set) {
    for (Symptom symptom : Symptom.values()) {
      if (!definitions.containsKey(symptom)) {
        file.defect("symptom %s has no section".formatted(RuleDocument.word(symptom)));
      }
    }
    for (Symptom symptom : definitions.keySet()) {
      if (set.triage(alone(symptom)).rules().isEmpty()) {
        file.defect("symptom %s has no rule that applies when it is reported alone"
            .formatted(RuleDocument.word(symptom)));
      }
    }
    if (set.triage(alone(null)).urgency() == Urgency.ROUTINE) {
      file.defect("no rule makes a symptom that is not understood at least urgent");
    }
    if (set.triage(new TriageFacts(List.of(), Set.of(), List.of(FACE_INJECTION)))
            .urgency()
        == Urgency.ROUTINE) {
      file.defect("no rule makes a report without a readable symptom at least urgent");
    }
    refuseUnused(Detail.values(), usedDetails);
    refuseUnused(Risk.values(), usedRisks);
  }

  /** What patients are asked, or what is looked up, and then decides nothing was most likely lost with a rule. */
  private <E extends Enum<E>> void refuseUnused(E[] vocabulary, Set<E> used) {
    for (E word : vocabulary) {
      if (!used.contains(word)) {
        file.defect("no rule asks for %s".formatted(RuleDocument.word(word)));
      }
    }
  }

  /** The least that can be known of a report with one symptom: nothing besides that raises the urgency. */
  private static TriageFacts alone(@Nullable Symptom symptom) {
    return new TriageFacts(
        List.of(new ReportedSymptom(symptom, null, Set.of(), NOW)),
        Set.of(),
        List.of(FACE_INJECTION));
  }
}
