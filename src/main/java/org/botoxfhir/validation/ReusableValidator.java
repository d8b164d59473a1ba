package org.botoxfhir.validation;

import java.io.ByteArrayInputStream;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.hl7.fhir.common.hapi.validation.validator.FhirDefaultPolicyAdvisor;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.context.IWorkerContext;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.StructureDefinition;
import org.hl7.fhir.r5.utils.validation.ValidatorSession;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.hl7.fhir.r5.utils.validation.constants.IdStatus;
import org.hl7.fhir.r5.utils.xver.XVerExtensionManagerOld;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidatorSettings;
import org.hl7.fhir.validation.instance.InstanceValidator;

/**
 * HL7's validator, set up as {@link FhirInstanceValidator} does and used again, for one thread at a time. HAPI makes a new one for each
 * resource, which reads a table of 1.5 MB each time: four fifths of the work. What a new one knows nothing of, it must know nothing of
 * after each use either: which warnings it has given, which resources and codes it has seen. So every list, set and map that is empty in
 * a new one is emptied; half of them are private and never emptied by the library, which is why they are found by reflection, once.
 */
final class ReusableValidator {
  private final InstanceValidator validator;
  private final List<Collection<?>> collections = new ArrayList<>();
  private final List<Map<?, ?>> maps = new ArrayList<>();
  private int uses;

  ReusableValidator(IWorkerContext worker) {
    var session = new ValidatorSession();
    validator = new InstanceValidator(
        worker,
        new FhirInstanceValidator.NullEvaluationContext(),
        new XVerExtensionManagerOld(worker),
        session,
        new ValidatorSettings());
    validator.setAnyExtensionsAllowed(true);
    validator.setErrorForUnknownProfiles(false);
    validator.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    validator.setResourceIdRule(IdStatus.OPTIONAL);
    validator.setUnknownCodeSystemsCauseErrors(true);
    validator.setPolicyAdvisor(new FhirDefaultPolicyAdvisor());
    validator.setAllowXsiLocation(true);
    remember(validator);
    remember(session);
  }

  /** Notes what is empty now, also within the parts that are validators themselves. */
  private void remember(Object owner) {
    for (Class<?> type = owner.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers()) && !field.getType().isPrimitive()) {
          field.setAccessible(true);
          switch (value(owner, field)) {
            case ArrayList<?> list when list.isEmpty() -> collections.add(list);
            case HashSet<?> set when set.isEmpty() -> collections.add(set);
            case HashMap<?, ?> map when map.isEmpty() -> maps.add(map);
            case org.hl7.fhir.validation.BaseValidator part
            when part != validator -> remember(part);
            case null, default -> {
              // holds nothing, or what it was made with
            }
          }
        }
      }
    }
  }

  private static @org.jspecify.annotations.Nullable Object value(Object owner, Field field) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  /** How often it was used. */
  int uses() {
    return uses;
  }

  /**
   * Validates a resource.
   *
   * @param text JSON or XML
   * @param profiles that it must conform to beside the definition of its type
   */
  List<ValidationMessage> validate(
      String text, FhirFormat format, List<StructureDefinition> profiles) {
    uses++;
    List<ValidationMessage> messages = new ArrayList<>();
    try {
      validator.validate(
          null,
          messages,
          new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)),
          format,
          new ArrayList<>(profiles));
    } finally {
      validator.validatedContent = null;
      collections.forEach(Collection::clear);
      maps.forEach(Map::clear);
    }
    return messages;
  }
}
