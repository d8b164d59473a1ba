package org.botoxfhir.fhir;

import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParserErrorHandler;
import ca.uhn.fhir.parser.json.BaseJsonLikeValue.ScalarType;
import ca.uhn.fhir.parser.json.BaseJsonLikeValue.ValueType;
import org.jspecify.annotations.Nullable;

/** Refuses whatever the R4 model does not know, in words that name the element and the way out; nothing is dropped silently. */
final class StrictParsing implements IParserErrorHandler {

  @Override
  public void containedResourceWithNoId(@Nullable IParseLocation location) {
    throw new DataFormatException(
        "a contained resource has no id; give it one and refer to it as '#id'");
  }

  @Override
  public void incorrectJsonType(
      @Nullable IParseLocation location,
      @Nullable String element,
      @Nullable ValueType expected,
      @Nullable ScalarType expectedScalar,
      @Nullable ValueType found,
      @Nullable ScalarType foundScalar) {
    if (expected == ValueType.SCALAR && found == ValueType.SCALAR) {
      throw new DataFormatException("element '%s'%s is a JSON %s where a %s is expected"
          .formatted(element, in(location), foundScalar, expectedScalar));
    }
    throw new DataFormatException("element '%s'%s is a JSON %s where %s is expected"
        .formatted(element, in(location), found, expected));
  }

  @Override
  public void invalidValue(
      @Nullable IParseLocation location, @Nullable String value, @Nullable String error) {
    throw new DataFormatException(
        "value '%s'%s is not valid: %s".formatted(value, in(location), error));
  }

  @Override
  public void missingRequiredElement(@Nullable IParseLocation location, @Nullable String element) {
    throw new DataFormatException(
        "element '%s'%s is required; add it".formatted(element, in(location)));
  }

  @Override
  public void unexpectedRepeatingElement(
      @Nullable IParseLocation location, @Nullable String element) {
    throw new DataFormatException(
        "element '%s'%s may stand only once; remove the others".formatted(element, in(location)));
  }

  @Override
  public void unknownAttribute(@Nullable IParseLocation location, @Nullable String attribute) {
    throw new DataFormatException(
        "attribute '%s'%s is unknown in FHIR R4; remove it or correct its name"
            .formatted(attribute, in(location)));
  }

  @Override
  public void unknownElement(@Nullable IParseLocation location, @Nullable String element) {
    throw new DataFormatException(
        "element '%s'%s is unknown in FHIR R4; remove it or correct its name"
            .formatted(element, in(location)));
  }

  @Override
  public void unknownReference(@Nullable IParseLocation location, @Nullable String reference) {
    throw new DataFormatException(
        "reference '%s'%s points to no contained resource".formatted(reference, in(location)));
  }

  @Override
  public void invalidInternalReference(
      @Nullable IParseLocation location, @Nullable String reference) {
    throw new DataFormatException(
        "reference '%s'%s points to no contained resource".formatted(reference, in(location)));
  }

  @Override
  public void extensionContainsValueAndNestedExtensions(@Nullable IParseLocation location) {
    throw new DataFormatException(
        "an extension%s has both a value and extensions of its own; keep one of them"
            .formatted(in(location)));
  }

  private static String in(@Nullable IParseLocation location) {
    String parent = location == null ? null : location.getParentElementName();
    return parent == null || parent.isEmpty() ? "" : " in '" + parent + "'";
  }
}
