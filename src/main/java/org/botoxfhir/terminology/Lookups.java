package org.botoxfhir.terminology;

import java.util.Set;
import org.botoxfhir.terminology.Concepts.Concept;
import org.hl7.fhir.r4.model.CodeSystem.ConceptDefinitionDesignationComponent;
import org.hl7.fhir.r4.model.CodeSystem.ConceptPropertyComponent;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Parameters.ParametersParameterComponent;
import org.hl7.fhir.r4.model.StringType;
import org.hl7.fhir.r4.model.Type;

/** The answer of {@code $lookup}. */
final class Lookups {
  private static final String LANGUAGE = "lang.";

  private Lookups() {}

  static Parameters answer(LookupRequest request, Concepts system, Concept concept) {
    Set<String> wanted = request.properties();
    var answer = new Parameters();
    answer.addParameter().setName("name").setValue(new StringType(system.name()));
    if (system.version() != null) {
      answer.addParameter().setName("version").setValue(new StringType(system.version()));
    }
    answer.addParameter().setName("display").setValue(new StringType(display(request, concept)));
    for (var one : concept.definition().getDesignation()) {
      if (designationWanted(wanted, one)) {
        answer.addParameter(designation(one));
      }
    }
    if (concept.definition().hasDefinition() && wanted(wanted, "definition")) {
      answer.addParameter(
          property("definition", new StringType(concept.definition().getDefinition())));
    }
    if (wanted(wanted, "parent")) {
      concept.above().forEach(code -> answer.addParameter(property("parent", new CodeType(code))));
    }
    if (wanted(wanted, "child")) {
      concept.below().forEach(code -> answer.addParameter(property("child", new CodeType(code))));
    }
    for (ConceptPropertyComponent one : concept.definition().getProperty()) {
      String code = one.getCode();
      boolean told = "parent".equals(code) || "child".equals(code);
      if (one.hasValue() && !told && wanted(wanted, code)) {
        ParametersParameterComponent part = property(code, one.getValue());
        if (!system.describeProperty(code).isEmpty()) {
          part.addPart()
              .setName("description")
              .setValue(new StringType(system.describeProperty(code)));
        }
        answer.addParameter(part);
      }
    }
    return answer;
  }

  private static String display(LookupRequest request, Concept concept) {
    String usual =
        concept.definition().hasDisplay() ? concept.definition().getDisplay() : concept.code();
    String language = request.displayLanguage();
    return language == null
        ? usual
        : concept.definition().getDesignation().stream()
            .filter(one -> Languages.fits(language, one.getLanguage()))
            .map(ConceptDefinitionDesignationComponent::getValue)
            .findFirst()
            .orElse(usual);
  }

  private static boolean wanted(Set<String> wanted, String property) {
    return wanted.isEmpty() || wanted.contains(property);
  }

  private static boolean designationWanted(
      Set<String> wanted, ConceptDefinitionDesignationComponent one) {
    return wanted(wanted, "designation")
        || wanted.stream()
            .filter(property -> property.startsWith(LANGUAGE))
            .anyMatch(property ->
                Languages.fits(property.substring(LANGUAGE.length()), one.getLanguage()));
  }

  private static ParametersParameterComponent designation(
      ConceptDefinitionDesignationComponent one) {
    var designation = new ParametersParameterComponent().setName("designation");
    if (one.hasLanguage()) {
      designation.addPart().setName("language").setValue(new CodeType(one.getLanguage()));
    }
    if (one.hasUse()) {
      designation.addPart().setName("use").setValue(one.getUse());
    }
    designation.addPart().setName("value").setValue(new StringType(one.getValue()));
    return designation;
  }

  private static ParametersParameterComponent property(String code, Type value) {
    var property = new ParametersParameterComponent().setName("property");
    property.addPart().setName("code").setValue(new CodeType(code));
    property.addPart().setName("value").setValue(value);
    return property;
  }
}
