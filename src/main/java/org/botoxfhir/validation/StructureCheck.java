package org.botoxfhir.validation;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementCompositeDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementDefinition;
import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.RuntimeChildContainedResources;
import ca.uhn.fhir.context.RuntimeChildDirectResource;
import ca.uhn.fhir.context.RuntimeChildExtension;
import ca.uhn.fhir.context.RuntimeChildResourceDefinition;
import ca.uhn.fhir.model.api.annotation.ResourceDef;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.botoxfhir.fault.Finding;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.utilities.xhtml.XhtmlNode;
import org.jspecify.annotations.Nullable;

/**
 * What R4 itself asks of a resource and the parser does not see: elements that must be there, types that a reference may lead to, and
 * codes of a {@code CodeableConcept} that must be of one value set. The parser has refused unknown elements, too many of one, wrong
 * types and unknown codes of a {@code code} already. One walk along what HAPI's model says, some microseconds; invariants and the rest
 * are left to profiles and {@code $validate}.
 */
final class StructureCheck {
  private final FhirContext context;
  private final Map<Class<?>, List<Rule>> rules = new ConcurrentHashMap<>();

  /**
   * What is to be looked at of a child.
   *
   * @param targets types that a reference may lead to; empty for any
   * @param walked whether there may be something to look at within it
   */
  private record Rule(
      BaseRuntimeChildDefinition child,
      String name,
      boolean required,
      Set<String> targets,
      @Nullable RequiredCodes codes,
      boolean walked) {
    boolean looksAtValues() {
      return walked || codes != null || !targets.isEmpty();
    }
  }

  StructureCheck(FhirContext context) {
    this.context = context;
  }

  /** What is wrong with the resource and with those that it contains. */
  List<Finding> check(Resource resource) {
    List<Finding> findings = new ArrayList<>();
    walk(resource, resource.fhirType(), findings);
    return findings;
  }

  private void walk(IBase element, String path, List<Finding> findings) {
    for (Rule rule : rules(element)) {
      List<IBase> values = rule.child().getAccessor().getValues(element);
      boolean there = false;
      for (int i = 0; i < values.size(); i++) {
        IBase value = values.get(i);
        if (value != null && (value instanceof XhtmlNode || !value.isEmpty())) {
          there = true;
          if (rule.looksAtValues()) {
            String index = rule.child().getMax() == 1 ? "" : "[" + i + "]";
            look(value, rule, path + "." + rule.name() + index, findings);
          }
        }
      }
      if (rule.required() && !there) {
        findings.add(Finding.error(
            "required",
            "%s.%s is missing, which R4 requires; add it".formatted(path, rule.name()),
            path));
      }
    }
  }

  private void look(IBase value, Rule rule, String path, List<Finding> findings) {
    if (!rule.targets().isEmpty() && value instanceof Reference reference) {
      String target = target(reference);
      if (target != null && !rule.targets().contains(target)) {
        findings.add(Finding.error(
            "value",
            "%s refers to a %s, and R4 lets it refer to %s; correct the reference"
                .formatted(path, target, String.join(", ", new TreeSet<>(rule.targets()))),
            path));
      }
    }
    RequiredCodes codes = rule.codes();
    if (codes != null && value instanceof CodeableConcept concept && !codes.hold(concept)) {
      findings.add(Finding.error(
          "code-invalid",
          "%s has none of the codes that R4 requires: %s of %s; add one"
              .formatted(path, String.join(", ", new TreeSet<>(codes.codes())), codes.system()),
          path));
    }
    if (rule.walked()) {
      walk(value, path, findings);
    }
  }

  /** The type of what a reference leads to; null when it does not tell. */
  private @Nullable String target(Reference reference) {
    String text = reference.getReference();
    if (text == null || text.startsWith("#")) {
      IBaseResource contained = reference.getResource();
      return contained == null ? known(reference.getType()) : contained.fhirType();
    }
    int end = text.indexOf('?');
    if (end < 0) {
      int history = text.indexOf("/_history/");
      end = text.lastIndexOf('/', (history < 0 ? text.length() : history) - 1);
    }
    return end < 1 ? null : known(text.substring(text.lastIndexOf('/', end - 1) + 1, end));
  }

  private @Nullable String known(@Nullable String type) {
    return type != null && context.getResourceTypes().contains(type) ? type : null;
  }

  private List<Rule> rules(IBase element) {
    List<Rule> known = rules.get(element.getClass());
    return known == null
        ? rules.computeIfAbsent(element.getClass(), missing -> compile(element))
        : known;
  }

  private List<Rule> compile(IBase element) {
    BaseRuntimeElementDefinition<?> definition = element instanceof Resource resource
        ? context.getResourceDefinition(resource)
        : context.getElementDefinition(element.getClass());
    return definition instanceof BaseRuntimeElementCompositeDefinition<?> composite
        ? composite.getChildren().stream()
            .map(child -> rule(composite, child))
            .filter(rule -> rule.required() || rule.looksAtValues())
            .toList()
        : List.of();
  }

  private static Rule rule(
      BaseRuntimeElementCompositeDefinition<?> parent, BaseRuntimeChildDefinition child) {
    Set<String> targets = targets(child);
    return new Rule(
        child,
        child.getElementName().replace("[x]", ""),
        child.getMin() > 0,
        targets,
        RequiredCodes.of(parent.getName() + "." + child.getElementName()),
        mayHoldRules(child, new HashSet<>()));
  }

  private static Set<String> targets(BaseRuntimeChildDefinition child) {
    Set<String> targets = new HashSet<>();
    if (child instanceof RuntimeChildResourceDefinition reference) {
      for (Class<? extends IBaseResource> type : reference.getResourceTypes()) {
        ResourceDef named = type.getAnnotation(ResourceDef.class);
        if (named == null) {
          return Set.of(); // any resource
        }
        targets.add(named.name());
      }
    }
    return Set.copyOf(targets);
  }

  private static boolean mayHoldRules(
      BaseRuntimeChildDefinition child, Set<BaseRuntimeElementDefinition<?>> seen) {
    if (child instanceof RuntimeChildExtension
        || child instanceof RuntimeChildContainedResources
        || child instanceof RuntimeChildDirectResource) {
      return true;
    }
    for (String name : child.getValidChildNames()) {
      if (child.getChildByName(name) instanceof BaseRuntimeElementCompositeDefinition<?> type
          && seen.add(type)) {
        for (BaseRuntimeChildDefinition inner : type.getChildren()) {
          if (inner.getMin() > 0 || !targets(inner).isEmpty() || mayHoldRules(inner, seen)) {
            return true;
          }
        }
      }
    }
    return false;
  }
}
