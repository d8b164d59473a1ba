package org.botoxfhir.triage;

import java.io.Reader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
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
 * The parts of the YAML document that the rules stand in, and what is wrong with them. Values are read as they are written, never as
 * YAML's numbers, dates or booleans.
 */
final class RuleDocument {
  private final String name;
  private final List<String> defects = new ArrayList<>();

  /** What the defects that are found at the moment belong to, e.g. {@code rule aspiration}. */
  private String subject = "the file";

  /** @param name of the file, for messages */
  RuleDocument(String name) {
    this.name = name;
  }

  /** The document. */
  Node parse(Reader text) {
    try {
      Node root = new Yaml(new SafeConstructor(new LoaderOptions())).compose(text);
      if (root != null) {
        return root;
      }
      throw new DefectiveRulesException(List.of(name + ": the file is empty"));
    } catch (YAMLException failed) {
      throw new DefectiveRulesException(
          List.of("%s: the file is no YAML: %s".formatted(name, failed.getMessage())));
    }
  }

  /** From here on defects belong to this. */
  void about(String what) {
    subject = what;
  }

  /** A defect of the whole file. */
  void defect(String defect) {
    defects.add(name + ": " + defect);
  }

  /** How many defects were found so far. */
  int defects() {
    return defects.size();
  }

  Map<String, Node> entries(@Nullable Node node) {
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

  Map<String, Node> entries(Node node, Set<String> known) {
    Map<String, Node> entries = entries(node);
    entries.forEach((name, value) -> {
      if (!known.contains(name)) {
        defect(value, unknown("property", name, known));
      }
    });
    return entries;
  }

  /** The items of a list, of which a single value is one too. */
  List<Node> items(Node node) {
    if (node instanceof SequenceNode sequence) {
      if (sequence.getValue().isEmpty()) {
        defect(node, "the list is empty");
      }
      return sequence.getValue();
    }
    return List.of(node);
  }

  String text(Node node) {
    if (node instanceof ScalarNode scalar) {
      if (scalar.getValue().isBlank()) {
        defect(node, "the text is blank");
      }
      return scalar.getValue().strip();
    }
    defect(node, "there should be a text here");
    return "";
  }

  String text(Node parent, Map<String, Node> parts, String name) {
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

  <T> Optional<T> missing(Node node, String name) {
    defect(node, "%s is missing".formatted(name));
    return Optional.empty();
  }

  <E extends Enum<E>> Set<E> words(Node node, Class<E> vocabulary, String what) {
    Set<E> words = EnumSet.noneOf(vocabulary);
    for (Node item : items(node)) {
      word(item, text(item), vocabulary, what).ifPresent(words::add);
    }
    return words;
  }

  <E extends Enum<E>> Optional<E> word(Node node, String text, Class<E> vocabulary, String what) {
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
                .map(RuleDocument::word)
                .collect(Collectors.toSet())));
    return Optional.empty();
  }

  /** How the file writes a word of a vocabulary. */
  static String word(Enum<?> word) {
    return word.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static String unknown(String what, String text, Collection<String> known) {
    return "%s '%s' is not known; known are %s"
        .formatted(what, text, String.join(", ", new TreeSet<>(known)));
  }

  void defect(Node node, String defect) {
    defects.add(
        "%s line %d, %s: %s".formatted(name, node.getStartMark().getLine() + 1, subject, defect));
  }

  /** @throws DefectiveRulesException naming every defect */
  void refuseDefects() {
    if (!defects.isEmpty()) {
      throw new DefectiveRulesException(defects);
    }
  }
}
