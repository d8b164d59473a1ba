package org.botoxfhir.triage;

import java.io.Reader;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads and checks the rule file. Every defect is gathered, so that whoever edits the file sees all of them at once. Values are read as
 * they are written, never as YAML's numbers, dates or booleans.
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

  private final String file;
  private final List<String> defects = new ArrayList<>();

  /** What the defects that are found at the moment belong to, e.g. {@code rule aspiration}. */
  private String subject = "the file";

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

  private RuleSetReader(String file) {
    this.file = file;
  }

  /**
   * The rules of a file.
   *
   * @param file its name, for messages
   * @throws DefectiveRulesException naming every defect
   */
  static RuleSet read(String file, Reader text) {
    var reader = new RuleSetReader(file);
    RuleSet rules = reader.read(reader.parse(text));
    reader.refuseDefects();
    reader.checkAsAWhole(rules);
    reader.refuseDefects();
    return rules;
  }

  private Node parse(Reader text) {
    try {
      Node root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(text);
      if (root != null) {
        return root;
      }
      throw new DefectiveRulesException(List.of(file + ": the file is empty"));
    } catch (YAMLException failed) {
      throw new DefectiveRulesException(
          List.of("%s: the file is no YAML: %s".formatted(file, failed.getMessage())));
    }
  }

  private RuleSet read(Node root) {
    Map<String, Node> parts =
        entries(root, Set.of("version", "sources", "symptoms", "conditions", "rules"));
    String version = text(root, parts, "version");
    entries(parts.get("sources")).forEach((name, source) -> {
      subject = "source " + name;
      sources.put(name, text(source));
    });
    entries(parts.get("symptoms")).forEach(this::readSymptom);
    // A condition may use those above it, so that none can be made of itself.
    entries(parts.get("conditions")).forEach((name, condition) -> {
      subject = "condition " + name;
      named.put(name, condition(condition));
    });
    Node list = parts.get("rules");
    if (list != null) {
      items(list).forEach(this::readRule);
    }
    entries(parts.get("sources"))
        .forEach((name, node) -> refuseUnused(node, "source", name, usedSources));
    entries(parts.get("conditions"))
        .forEach((name, node) -> refuseUnused(node, "condition", name, usedConditions));
    return new RuleSet(version, definitions.values(), List.copyOf(rules.values()));
  }

  private void refuseUnused(Node node, String what, String name, Set<String> used) {
    if (!used.contains(name)) {
      subject = what + " " + name;
      defect(node, "no rule uses it");
    }
  }

  private void readSymptom(String name, Node node) {
    subject = "symptom " + name;
    Map<String, Node> parts = entries(node, Set.of("area", "boxed-warning", "snomed", "icd-10-cm"));
    Optional<Symptom> symptom = word(node, name, Symptom.class, "symptom");
    Node areaNode = parts.get("area");
    Optional<BodyArea> area = areaNode == null
        ? missing(node, "area")
        : word(areaNode, text(areaNode), BodyArea.class, "area");
    Node warning = parts.get("boxed-warning");
    Optional<BoxedWarning> boxedWarning = warning == null
        ? Optional.of(BoxedWarning.NOT_NAMED)
        : word(warning, text(warning), BoxedWarning.class, "boxed-warning");
    List<ClinicalCode> codes = codes(node, parts);
    if (symptom.isPresent() && area.isPresent() && boxedWarning.isPresent()) {
      definitions.put(
          symptom.get(),
          new SymptomDefinition(symptom.get(), area.get(), boxedWarning.get(), codes));
    }
  }

  private List<ClinicalCode> codes(Node node, Map<String, Node> parts) {
    var codes = new ArrayList<ClinicalCode>();
    Map<String, Node> snomed = entries(parts.get("snomed"));
    if (snomed.isEmpty()) {
      defect(node, "no SNOMED CT code means it, so it can never be reported");
    }
    snomed.forEach((code, term) -> addCode(codes, term, ClinicalCode.snomed(code, text(term))));
    Node icd = parts.get("icd-10-cm");
    if (icd != null) {
      items(icd).forEach(code -> addCode(codes, code, ClinicalCode.icd(text(code))));
    }
    return codes;
  }

  private void addCode(List<ClinicalCode> codes, Node node, ClinicalCode code) {
    code.defect().ifPresent(defect -> defect(node, defect));
    for (SymptomDefinition definition : definitions.values()) {
      for (ClinicalCode other : definition.codes()) {
        if (other.system().equals(code.system()) && other.code().equals(code.code())) {
          defect(
              node,
              "%s means %s already; a code means one symptom"
                  .formatted(code.code(), word(definition.symptom())));
        }
      }
    }
    codes.add(code);
  }

  private void readRule(Node node) {
    subject = idOf(node).map(id -> "rule " + id).orElse("a rule");
    Map<String, Node> parts = entries(node, Set.of("id", "urgency", "when", "reason", "source"));
    String id = text(node, parts, "id");
    if (!id.matches("[a-z][a-z-]*[a-z]")) {
      defect(node, "its id is not lower-case words with hyphens");
    }
    Node urgencyNode = parts.get("urgency");
    Optional<Urgency> urgency = urgencyNode == null
        ? missing(node, "urgency")
        : word(urgencyNode, text(urgencyNode), Urgency.class, "urgency");
    String reason = text(node, parts, "reason");
    String sourceName = text(node, parts, "source");
    String source = sources.getOrDefault(sourceName, "");
    usedSources.add(sourceName);
    if (source.isEmpty() && !sourceName.isEmpty()) {
      defect(node, unknown("source", sourceName, sources.keySet()));
    }
    Node when = parts.get("when");
    if (when == null) {
      missing(node, "when");
      return;
    }
    int defectsBefore = defects.size();
    Criterion criterion = criterionOfARule(when);
    boolean understood = defects.size() == defectsBefore;
    var rule =
        new Rule(criterion, new FiredRule(id, urgency.orElse(Urgency.EMERGENCY), reason, source));
    if (rules.put(id, rule) != null) {
      defect(node, "two rules have this id");
    }
    if (understood) {
      String same = ruleOfCriterion.put(criterion, id);
      if (same != null) {
        defect(when, "rule %s has the same condition".formatted(same));
      }
      if (!criterion.holds(EVERYTHING) && !criterion.holds(NOTHING)) {
        defect(when, "no report can ever make it apply");
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
      Map<String, Node> parts = entries(node);
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
      String name = text(node);
      usedConditions.add(name);
      Criterion criterion = named.get(name);
      if (criterion == null) {
        defect(node, unknown("condition", name, named.keySet()));
        return NOT_UNDERSTOOD;
      }
      return criterion;
    }
    Map<String, Node> parts = entries(node);
    Node symptom = parts.get("symptom");
    if (symptom != null && SYMPTOM_KEYS.containsAll(parts.keySet())) {
      return reported(symptom, parts);
    }
    if (parts.size() != 1) {
      defect(
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
        word(value, text(value), Symptom.class, "symptom")
            .<Criterion>map(NotAlone::new)
            .orElse(NOT_UNDERSTOOD);
      case "signs-of-spread" -> {
        if (!text(value).matches("[1-9]")) {
          defect(
              value,
              "signs-of-spread is a number of areas from 1 to 9, not '%s'".formatted(text(value)));
          yield NOT_UNDERSTOOD;
        }
        yield SignsOfSpread.of(definitions.values(), Integer.parseInt(text(value)));
      }
      case "risk" -> {
        Set<Risk> risks = words(value, Risk.class, "risk");
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
        defect(node, "a condition is one of %s, not %s".formatted(CONDITION_KEYS, part.getKey()));
        yield NOT_UNDERSTOOD;
      }
    };
  }

  private List<Criterion> conditions(Node node) {
    return items(node).stream().map(this::condition).toList();
  }

  private Criterion reported(Node meant, Map<String, Node> parts) {
    Set<Symptom> symptoms = EnumSet.noneOf(Symptom.class);
    boolean notUnderstood = false;
    for (Node node : items(meant)) {
      String name = text(node);
      switch (name) {
        case "any" -> {
          symptoms.addAll(EnumSet.allOf(Symptom.class));
          notUnderstood = true;
        }
        case "not-understood" -> notUnderstood = true;
        default -> word(node, name, Symptom.class, "symptom").ifPresent(symptoms::add);
      }
    }
    Node with = parts.get("with");
    Set<Detail> details = with == null ? Set.of() : words(with, Detail.class, "detail");
    usedDetails.addAll(details);
    Node atLeast = parts.get("at-least");
    return new Reported(
        symptoms,
        notUnderstood,
        details,
        atLeast == null
            ? null
            : word(atLeast, text(atLeast), Severity.class, "severity").orElse(null));
  }

  private void only(Node node, String key, String value) {
    if (!text(node).equals(value)) {
      defect(node, "%s can only be %s, not '%s'".formatted(key, value, text(node)));
    }
  }

  /** What only the whole set can show: that nothing a patient may report is without an answer. */
  private void checkAsAWhole(RuleSet set) {
    for (Symptom symptom : Symptom.values()) {
      if (!definitions.containsKey(symptom)) {
        defects.add("%s: symptom %s has no section".formatted(file, word(symptom)));
      }
    }
    for (Symptom symptom : definitions.keySet()) {
      if (set.triage(alone(symptom)).rules().isEmpty()) {
        defects.add("%s: symptom %s has no rule that applies when it is reported alone"
            .formatted(file, word(symptom)));
      }
    }
    if (set.triage(alone(null)).urgency() == Urgency.ROUTINE) {
      defects.add(file + ": no rule makes a symptom that is not understood at least urgent");
    }
    if (set.triage(new TriageFacts(List.of(), Set.of(), List.of(FACE_INJECTION)))
            .urgency()
        == Urgency.ROUTINE) {
      defects.add(file + ": no rule makes a report without a readable symptom at least urgent");
    }
    refuseUnused(Detail.values(), usedDetails);
    refuseUnused(Risk.values(), usedRisks);
  }

  /** What patients are asked, or what is looked up, and then decides nothing was most likely lost with a rule. */
  private <E extends Enum<E>> void refuseUnused(E[] vocabulary, Set<E> used) {
    for (E word : vocabulary) {
      if (!used.contains(word)) {
        defects.add("%s: no rule asks for %s".formatted(file, word(word)));
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

  // --- the parts of a YAML document

  private Map<String, Node> entries(@Nullable Node node) {
    var entries = new LinkedHashMap<String, Node>();
    if (node == null) {
      return entries;
    }
    if (!(node instanceof MappingNode mapping)) {
      defect(node, "there should be names with values here");
      return entries;
    }
    for (NodeTuple tuple : mapping.getValue()) {
      String name = text(tuple.getKeyNode());
      if (entries.put(name, tuple.getValueNode()) != null) {
        defect(tuple.getKeyNode(), "'%s' stands here twice".formatted(name));
      }
    }
    return entries;
  }

  private Map<String, Node> entries(Node node, Set<String> known) {
    Map<String, Node> entries = entries(node);
    entries.forEach((name, value) -> {
      if (!known.contains(name)) {
        defect(value, unknown("property", name, known));
      }
    });
    return entries;
  }

  /** The items of a list, of which a single value is one too. */
  private List<Node> items(Node node) {
    if (node instanceof SequenceNode sequence) {
      if (sequence.getValue().isEmpty()) {
        defect(node, "the list is empty");
      }
      return sequence.getValue();
    }
    return List.of(node);
  }

  private String text(Node node) {
    if (node instanceof ScalarNode scalar) {
      if (scalar.getValue().isBlank()) {
        defect(node, "the text is blank");
      }
      return scalar.getValue().strip();
    }
    defect(node, "there should be a text here");
    return "";
  }

  private String text(Node parent, Map<String, Node> parts, String name) {
    Node node = parts.get(name);
    if (node == null) {
      missing(parent, name);
      return "";
    }
    if (node instanceof ScalarNode scalar && scalar.getValue().isBlank()) {
      defect(node, "%s is blank".formatted(name));
      return "";
    }
    return text(node);
  }

  private <T> Optional<T> missing(Node node, String name) {
    defect(node, "%s is missing".formatted(name));
    return Optional.empty();
  }

  private <E extends Enum<E>> Set<E> words(Node node, Class<E> vocabulary, String what) {
    Set<E> words = EnumSet.noneOf(vocabulary);
    for (Node item : items(node)) {
      word(item, text(item), vocabulary, what).ifPresent(words::add);
    }
    return words;
  }

  private <E extends Enum<E>> Optional<E> word(
      Node node, String text, Class<E> vocabulary, String what) {
    for (E word : vocabulary.getEnumConstants()) {
      if (word(word).equals(text)) {
        return Optional.of(word);
      }
    }
    defect(
        node,
        unknown(
            what,
            text,
            Arrays.stream(vocabulary.getEnumConstants())
                .map(RuleSetReader::word)
                .collect(Collectors.toSet())));
    return Optional.empty();
  }

  /** How the file writes a word of a vocabulary. */
  private static String word(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String unknown(String what, String text, Collection<String> known) {
    return "%s '%s' is not known; known are %s"
        .formatted(what, text, String.join(", ", new TreeSet<>(known)));
  }

  private void defect(Node node, String defect) {
    defects.add(
        "%s line %d, %s: %s".formatted(file, node.getStartMark().getLine() + 1, subject, defect));
  }

  private void refuseDefects() {
    if (!defects.isEmpty()) {
      throw new DefectiveRulesException(defects);
    }
  }
}
