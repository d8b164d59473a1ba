package org.botoxfhir.terminology;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.CodeSystem.CodeSystemContentMode;
import org.hl7.fhir.r4.model.CodeSystem.CodeSystemHierarchyMeaning;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionComponent;
import org.hl7.fhir.r4.model.CodeSystem.ConceptPropertyComponent;
import org.hl7.fhir.r4.model.CodeSystem.PropertyComponent;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Type;
import org.jspecify.annotations.Nullable;

/**
 * A code system by code: its concepts, and which is directly above which, by nesting or by the properties {@code parent} and
 * {@code child}. Does not change.
 */
public final class Concepts {
  /** By which R4 and the systems that it brings mark what is not used any more. */
  private static final Set<String> ENDED = Set.of("retired", "inactive");

  private final CodeSystem system;
  private final Map<String, Concept> byCode = new LinkedHashMap<>();
  /** Empty where case counts. */
  private final Map<String, Concept> byLowerCase = new HashMap<>();

  private final Set<String> declared;

  /** @param above codes directly above it, {@code below} directly below it */
  record Concept(ConceptDefinitionComponent definition, Set<String> above, Set<String> below) {
    String code() {
      return definition.getCode();
    }

    /** Values of a property, as text. */
    List<String> values(String property) {
      return definition.getProperty().stream()
          .filter(one -> property.equals(one.getCode()) && one.hasValue())
          .map(one -> text(one.getValue()))
          .toList();
    }

    private boolean says(String property) {
      return values(property).contains("true");
    }

    boolean isAbstract() {
      return says("notSelectable") || says("abstract");
    }

    boolean inactive() {
      return says("inactive") || values("status").stream().anyMatch(ENDED::contains);
    }
  }

  private Concepts(CodeSystem system) {
    this.system = system;
    this.declared = system.getProperty().stream()
        .map(PropertyComponent::getCode)
        .collect(Collectors.toUnmodifiableSet());
    collect(system.getConcept());
    relate(system.getConcept());
    if (system.hasCaseSensitive() && !system.getCaseSensitive()) {
      byCode.forEach((code, concept) -> byLowerCase.put(code.toLowerCase(Locale.ROOT), concept));
    }
  }

  /** @param system given away */
  public static Concepts of(CodeSystem system) {
    system.setText(null); // as long as the concepts, and of no use here
    return new Concepts(system);
  }

  private void collect(List<ConceptDefinitionComponent> concepts) {
    for (ConceptDefinitionComponent one : concepts) {
      if (one.hasCode()) {
        byCode.putIfAbsent(
            one.getCode(), new Concept(one, new LinkedHashSet<>(), new LinkedHashSet<>()));
      }
      collect(one.getConcept());
    }
  }

  private void relate(List<ConceptDefinitionComponent> concepts) {
    for (ConceptDefinitionComponent one : concepts) {
      one.getConcept().forEach(nested -> relate(one.getCode(), nested.getCode()));
      for (ConceptPropertyComponent property : one.getProperty()) {
        if (property.hasValueCodeType() && "parent".equals(property.getCode())) {
          relate(text(property.getValue()), one.getCode());
        } else if (property.hasValueCodeType() && "child".equals(property.getCode())) {
          relate(one.getCode(), text(property.getValue()));
        }
      }
      relate(one.getConcept());
    }
  }

  private void relate(String above, String below) {
    Concept upper = byCode.get(above);
    Concept lower = byCode.get(below);
    if (upper != null && lower != null) {
      upper.below().add(below);
      lower.above().add(above);
    }
  }

  private static String text(Type value) {
    return value instanceof Coding coding ? coding.getCode() : value.primitiveValue();
  }

  String url() {
    return system.getUrl();
  }

  @Nullable
  String version() {
    return system.getVersion();
  }

  /** As {@code $lookup} names it. */
  String name() {
    return system.hasName() ? system.getName() : system.hasTitle() ? system.getTitle() : url();
  }

  /** Whether all concepts are here, so that a code that is not here is none. */
  boolean complete() {
    return system.getContent() == CodeSystemContentMode.COMPLETE;
  }

  /** Whether any concept may be here: not where only the name of the system is known. */
  boolean partly() {
    return complete()
        || system.getContent() == CodeSystemContentMode.FRAGMENT
        || system.getContent() == CodeSystemContentMode.EXAMPLE;
  }

  /** In words, for messages. */
  String content() {
    return system.getContent() == null ? "content unknown" : system.getContent().toCode();
  }

  Collection<Concept> all() {
    return byCode.values();
  }

  Optional<Concept> find(String code) {
    Concept exact = byCode.get(code);
    return Optional.ofNullable(
        exact != null ? exact : byLowerCase.get(code.toLowerCase(Locale.ROOT)));
  }

  /** Whether a property of this code can be asked for. */
  boolean hasProperty(String code) {
    return declared.contains(code);
  }

  String describeProperty(String code) {
    return system.getProperty().stream()
        .filter(one -> code.equals(one.getCode()))
        .findFirst()
        .map(PropertyComponent::getDescription)
        .orElse("");
  }

  /** The code and all below it. @throws FaultException where the hierarchy does not say what subsumes what */
  Set<String> withBelow(Concept concept) {
    return reached(concept, Concept::below);
  }

  /** The code and all above it. @throws FaultException where the hierarchy does not say what subsumes what */
  Set<String> withAbove(Concept concept) {
    return reached(concept, Concept::above);
  }

  private Set<String> reached(Concept from, Function<Concept, Set<String>> next) {
    CodeSystemHierarchyMeaning meaning = system.getHierarchyMeaning();
    if (meaning != null && meaning != CodeSystemHierarchyMeaning.ISA) {
      throw new FaultException(Fault.refused(
          "not-supported",
          "the hierarchy of '%s' is '%s', which does not say what subsumes what"
              .formatted(url(), meaning.toCode()),
          null));
    }
    Set<String> reached = new LinkedHashSet<>();
    Deque<Concept> open = new ArrayDeque<>(List.of(from));
    while (!open.isEmpty()) {
      Concept one = open.remove();
      if (reached.add(one.code())) {
        next.apply(one).forEach(code -> find(code).ifPresent(open::add));
      }
    }
    return reached;
  }
}
