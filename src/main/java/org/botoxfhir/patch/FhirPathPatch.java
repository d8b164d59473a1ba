package org.botoxfhir.patch;

import ca.uhn.fhir.context.BaseRuntimeChildDefinition;
import ca.uhn.fhir.context.BaseRuntimeElementCompositeDefinition;
import ca.uhn.fhir.context.FhirContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.exceptions.FHIRException;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.fhirpath.ExpressionNode;
import org.hl7.fhir.r4.fhirpath.ExpressionNode.Kind;
import org.hl7.fhir.r4.fhirpath.FHIRPathEngine;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.Element;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Parameters.ParametersParameterComponent;
import org.hl7.fhir.r4.model.PrimitiveType;
import org.hl7.fhir.r4.model.Property;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * A FHIRPath Patch: add, insert, delete, replace and move of elements that FHIRPath names. A path may select by position, by type, by
 * extension URL or by {@code where()}; it cannot leave the resource.
 */
final class FhirPathPatch {
  private static final int LONGEST_PATH = 1_000;

  /** Functions of a path: those that select, and those that a condition needs. None follows a reference or matches by pattern. */
  private static final Set<String> FUNCTIONS = Set.of(
      "where",
      "exists",
      "empty",
      "not",
      "first",
      "last",
      "tail",
      "skip",
      "take",
      "single",
      "item",
      "extension",
      "hasValue",
      "ofType",
      "as",
      "is",
      "startsWith",
      "endsWith",
      "contains",
      "count");

  private static final Set<String> PARTS =
      Set.of("type", "path", "name", "value", "index", "source", "destination");

  private final List<Operation> operations;
  private final FhirContext context;
  private final FHIRPathEngine engine;

  private enum Type {
    ADD("name", "value"),
    INSERT("value", "index"),
    DELETE(),
    REPLACE("value"),
    MOVE("source", "destination");

    private final List<String> parts;

    Type(String... parts) {
      this.parts = List.of(parts);
    }
  }

  /** @param number of the operation in the patch, from 0 */
  private record Operation(
      int number,
      Type type,
      String path,
      ExpressionNode parsed,
      Map<String, ParametersParameterComponent> parts) {

    String text(String part) {
      return parts.containsKey(part) && parts.get(part).getValue() instanceof PrimitiveType<?> text
          ? text.getValueAsString()
          : "";
    }

    int number(String part) {
      if (parts.containsKey(part) && parts.get(part).getValue() instanceof IntegerType value) {
        return value.getValue();
      }
      throw invalid(number, "'%s' must be an integer".formatted(part));
    }

    FaultException refused(String why) {
      return new FaultException(Fault.refused(
          "processing",
          "operation %d of the patch, at '%s': %s".formatted(number, path, why),
          "Parameters.parameter[%d]".formatted(number)));
    }
  }

  /** Where values stand: an element by its name in what it is part of. */
  private record Place(Base parent, Property property) {
    String name() {
      return property.getName();
    }
  }

  private FhirPathPatch(List<Operation> operations, FhirContext context, FHIRPathEngine engine) {
    this.operations = operations;
    this.context = context;
    this.engine = engine;
  }

  /** Reads a patch. */
  static FhirPathPatch of(Parameters body, FhirContext context, FHIRPathEngine engine) {
    if (body.getParameter().size() > Patches.MOST_OPERATIONS) {
      throw new FaultException(Fault.invalid(
          "too-costly",
          "the patch has %d operations; it may have %d"
              .formatted(body.getParameter().size(), Patches.MOST_OPERATIONS),
          "Parameters.parameter"));
    }
    List<Operation> operations = new ArrayList<>();
    for (int i = 0; i < body.getParameter().size(); i++) {
      operations.add(operation(i, body.getParameter().get(i), engine));
    }
    return new FhirPathPatch(operations, context, engine);
  }

  private static Operation operation(
      int number, ParametersParameterComponent parameter, FHIRPathEngine engine) {
    if (!"operation".equals(parameter.getName())) {
      throw invalid(number, "a FHIRPath Patch has parameters named 'operation' and no other");
    }
    Map<String, ParametersParameterComponent> parts = new HashMap<>();
    for (ParametersParameterComponent part : parameter.getPart()) {
      if (part.getName() == null
          || !PARTS.contains(part.getName())
          || parts.put(part.getName(), part) != null) {
        throw invalid(number, "'%s' is unknown or there twice".formatted(part.getName()));
      }
    }
    var unparsed = new Operation(number, Type.DELETE, "", new ExpressionNode(0), parts);
    Type type = switch (unparsed.text("type")) {
      case "add" -> Type.ADD;
      case "insert" -> Type.INSERT;
      case "delete" -> Type.DELETE;
      case "replace" -> Type.REPLACE;
      case "move" -> Type.MOVE;
      default -> throw invalid(number, "'type' must be add, insert, delete, replace or move");
    };
    for (String part : type.parts) {
      if (!parts.containsKey(part)) {
        throw invalid(
            number, "'%s' is missing; a patch of this type needs %s".formatted(part, type.parts));
      }
    }
    String path = unparsed.text("path");
    return new Operation(number, type, path, parsed(number, path, engine), parts);
  }

  private static ExpressionNode parsed(int number, String path, FHIRPathEngine engine) {
    if (path.isEmpty() || path.length() > LONGEST_PATH) {
      throw invalid(
          number, "'path' must be a FHIRPath of 1 to %d characters".formatted(LONGEST_PATH));
    }
    ExpressionNode node;
    try {
      node = engine.parse(path);
    } catch (FHIRException unreadable) {
      throw invalid(number, "'%s' is no FHIRPath".formatted(path));
    }
    checkFunctions(number, node);
    return node;
  }

  private static void checkFunctions(int number, @Nullable ExpressionNode node) {
    if (node == null) {
      return;
    }
    if (node.getKind() == Kind.Function
        && !FUNCTIONS.contains(node.getFunction().toCode())) {
      throw invalid(
          number,
          "'%s()' may not stand in the path of a patch"
              .formatted(node.getFunction().toCode()));
    }
    if (node.getParameters() != null) {
      node.getParameters().forEach(parameter -> checkFunctions(number, parameter));
    }
    checkFunctions(number, node.getGroup());
    checkFunctions(number, node.getInner());
    checkFunctions(number, node.getOpNext());
  }

  /** Changes the resource. */
  void apply(ResourceKey key, Resource resource) {
    for (Operation operation : operations) {
      try {
        apply(operation, resource);
      } catch (FHIRException unfit) {
        throw operation.refused("what it asks for does not fit " + key);
      }
    }
  }

  private void apply(Operation operation, Resource resource) {
    switch (operation.type()) {
      case ADD -> {
        Place place = place(operation, one(operation, resource), operation.text("name"));
        List<Base> values = values(operation, place);
        if (!values.isEmpty() && !place.property().isList()) {
          throw operation.refused(
              "'%s' is there already, and it does not repeat; replace it".formatted(place.name()));
        }
        values.add(value(operation, place));
        set(operation, place, values);
      }
      case INSERT -> {
        Place place = collection(operation, resource);
        List<Base> values = values(operation, place);
        values.add(within(operation, "index", values.size()), value(operation, place));
        set(operation, place, values);
      }
      case DELETE -> {
        List<Base> found = engine.evaluate(resource, operation.parsed());
        if (!found.isEmpty()) {
          Base element = one(operation, resource);
          Place place = around(operation, resource, element);
          List<Base> values = values(operation, place);
          values.remove(position(values, element));
          set(operation, place, values);
        }
      }
      case REPLACE -> {
        Base element = one(operation, resource);
        Place place = around(operation, resource, element);
        List<Base> values = values(operation, place);
        values.set(position(values, element), value(operation, place));
        set(operation, place, values);
      }
      case MOVE -> {
        Place place = collection(operation, resource);
        List<Base> values = values(operation, place);
        int source = within(operation, "source", values.size() - 1);
        int destination = within(operation, "destination", values.size() - 1);
        values.add(destination, values.remove(source));
        set(operation, place, values);
      }
    }
  }

  private Base one(Operation operation, Resource resource) {
    return one(operation, engine.evaluate(resource, operation.parsed()));
  }

  private static Base one(Operation operation, List<Base> found) {
    if (found.size() != 1) {
      throw operation.refused(
          "the path must name one element, it names %d".formatted(found.size()));
    }
    return found.getFirst();
  }

  /** The list that the path of an insert or move names; it may be empty, so the path is taken up to its last name. */
  private Place collection(Operation operation, Resource resource) {
    ExpressionNode head = engine.parse(operation.path());
    ExpressionNode before = null;
    ExpressionNode last = head;
    while (last.getInner() != null) {
      before = last;
      last = last.getInner();
    }
    if (last.getKind() != Kind.Name || head.getOperation() != null) {
      throw operation.refused("the path must end with the name of a list");
    }
    Base parent = resource;
    if (before != null) {
      before.setInner(null);
      parent = one(operation, engine.evaluate(resource, head));
    }
    Place place = place(operation, parent, last.getName());
    if (!place.property().isList()) {
      throw operation.refused("'%s' is no list".formatted(last.getName()));
    }
    return place;
  }

  private static Place place(Operation operation, Base parent, String name) {
    Property property = parent.getNamedProperty(name.hashCode(), name, false);
    if (property == null) {
      throw operation.refused("a %s has no element '%s'".formatted(parent.fhirType(), name));
    }
    return new Place(parent, property);
  }

  /** What the element, this very object, is part of. */
  private static Place around(Operation operation, Base root, Base element) {
    Place place = around(root, element);
    if (place == null) {
      throw operation.refused("the path must name an element of the resource");
    }
    return place;
  }

  private static @Nullable Place around(Base parent, Base element) {
    for (Property property : parent.children()) {
      for (Base child : property.getValues()) {
        if (child == element) {
          return new Place(parent, property);
        }
        Place below = around(child, element);
        if (below != null) {
          return below;
        }
      }
    }
    return null;
  }

  private static int position(List<Base> values, Base element) {
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) == element) {
        return i;
      }
    }
    throw new IllegalStateException("the element is not where it was found");
  }

  private static int within(Operation operation, String part, int most) {
    int index = operation.number(part);
    if (index < 0 || index > most) {
      throw operation.refused("'%s' is %d, the list takes 0 to %d".formatted(part, index, most));
    }
    return index;
  }

  private List<Base> values(Operation operation, Place place) {
    if (place.parent() instanceof PrimitiveType<?> primitive && place.name().equals("extension")) {
      return new ArrayList<>(primitive.getExtension());
    }
    List<Base> values = new ArrayList<>();
    for (IBase value : child(operation, place).getAccessor().getValues(place.parent())) {
      values.add((Base) value);
    }
    return values;
  }

  private void set(Operation operation, Place place, List<Base> values) {
    if (place.parent() instanceof PrimitiveType<?> primitive && place.name().equals("extension")) {
      List<Extension> extensions = new ArrayList<>();
      values.forEach(value -> extensions.add((Extension) value));
      primitive.setExtension(extensions);
      return;
    }
    BaseRuntimeChildDefinition child = child(operation, place);
    child.getMutator().setValue(place.parent(), null);
    values.forEach(value -> child.getMutator().addValue(place.parent(), value));
  }

  private BaseRuntimeChildDefinition child(Operation operation, Place place) {
    var definition = place.parent() instanceof Resource resource
        ? context.getResourceDefinition(resource)
        : context.getElementDefinition(place.parent().getClass());
    if (definition instanceof BaseRuntimeElementCompositeDefinition<?> composite
        && composite.getChildByName(place.name()) != null) {
      return composite.getChildByName(place.name());
    }
    throw operation.refused(
        "'%s' of a %s cannot be patched".formatted(place.name(), place.parent().fhirType()));
  }

  /** The value of the operation as the place takes it: put into an empty twin of the parent, which converts or refuses it. */
  private static Base value(Operation operation, Place place) {
    ParametersParameterComponent part = operation.parts().get("value");
    if (part == null) {
      throw invalid(operation.number(), "'value' is missing");
    }
    return put(operation, twin(place.parent()), place.name(), part);
  }

  private static Base twin(Base parent) {
    try {
      return parent.getClass().getConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make another " + parent.getClass().getName(), e);
    }
  }

  private static Base put(
      Operation operation, Base parent, String name, ParametersParameterComponent part) {
    Place place = place(operation, parent, name);
    if (!part.getPart().isEmpty()) {
      Base child = parent.addChild(name);
      part.getPart().forEach(inner -> put(operation, child, inner.getName(), inner));
      return child;
    }
    Base value = part.hasResource() ? part.getResource() : part.getValue();
    if (value == null || (value instanceof Element element && element.isEmpty())) {
      throw operation.refused("'%s' has no value".formatted(name));
    }
    parent.setProperty(place.name(), value);
    List<Base> all =
        parent.getNamedProperty(place.name().hashCode(), place.name(), true).getValues();
    return all.getLast();
  }

  private static FaultException invalid(int number, String why) {
    return new FaultException(Fault.invalid(
        "structure",
        "operation %d of the patch: %s".formatted(number, why),
        "Parameters.parameter[%d]".formatted(number)));
  }
}
