package org.botoxfhir.rest;

import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Used;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.StringType;
import org.jspecify.annotations.Nullable;

/** The parameters of an operation, from the URL and from Parameters in the body alike; what the operation does not take is an error. */
final class OperationParameters {
  /** How the answer looks, which is the encoder's affair. */
  private static final Set<String> OF_THE_ANSWER = Set.of("_format", "_pretty");

  private final String operation;
  private final List<Given> given = new ArrayList<>();

  private record Given(String name, Base value) {}

  private OperationParameters(String operation) {
    this.operation = operation;
  }

  /**
   * @param operation for messages, such as {@code ValueSet/$expand}
   * @param once names that may be given once, {@code repeated} those that may be given several times
   */
  static OperationParameters read(
      String operation,
      Set<String> once,
      Set<String> repeated,
      @Nullable IBaseResource body,
      RequestDetails request) {
    var parameters = new OperationParameters(operation);
    for (Used used : ReadOnlyProvider.used(request)) {
      if (!OF_THE_ANSWER.contains(used.name())) {
        parameters.given.add(new Given(used.name(), new StringType(used.value())));
      }
    }
    if (body instanceof Parameters sent) {
      for (var one : sent.getParameter()) {
        Base value = one.hasResource() ? one.getResource() : one.getValue();
        if (value == null) {
          throw parameters.invalid("the parameter '%s' has no value".formatted(one.getName()));
        }
        parameters.given.add(new Given(one.hasName() ? one.getName() : "", value));
      }
    } else if (body != null) {
      throw parameters.invalid(
          "the body is a %s; send Parameters, or none".formatted(body.fhirType()));
    }
    parameters.check(once, repeated);
    return parameters;
  }

  private void check(Set<String> once, Set<String> repeated) {
    Set<String> seen = new TreeSet<>();
    for (Given one : given) {
      if (!once.contains(one.name()) && !repeated.contains(one.name())) {
        Set<String> taken = new TreeSet<>(once);
        taken.addAll(repeated);
        throw new FaultException(Fault.invalid(
            "not-supported",
            "%s does not take the parameter '%s'; it takes %s"
                .formatted(operation, one.name(), String.join(", ", taken)),
            null));
      }
      if (!seen.add(one.name()) && !repeated.contains(one.name())) {
        throw invalid("the parameter '%s' is given twice".formatted(one.name()));
      }
    }
  }

  boolean has(String name) {
    return given.stream().anyMatch(one -> one.name().equals(name));
  }

  /** The value of a parameter of a simple type; empty when it is not given. */
  Optional<String> text(String name) {
    return texts(name).stream().findFirst();
  }

  List<String> texts(String name) {
    return given.stream()
        .filter(one -> one.name().equals(name))
        .map(one -> {
          String text = one.value().isPrimitive() ? one.value().primitiveValue() : null;
          if (text == null || text.isEmpty()) {
            throw invalid("the parameter '%s' has no simple value".formatted(name));
          }
          return text;
        })
        .toList();
  }

  String required(String name) {
    return text(name)
        .orElseThrow(() -> new FaultException(Fault.invalid(
            "required", "%s needs the parameter '%s'".formatted(operation, name), null)));
  }

  boolean flag(String name) {
    return text(name)
        .map(text -> switch (text) {
          case "true" -> true;
          case "false" -> false;
          default ->
            throw invalid("the parameter '%s' is '%s'; it is true or false".formatted(name, text));
        })
        .orElse(false);
  }

  /** A number that is not negative. */
  Optional<Integer> number(String name) {
    return text(name).map(text -> {
      if (!text.matches("[0-9]{1,9}")) {
        throw invalid("the parameter '%s' is '%s'; it is a number from 0 on".formatted(name, text));
      }
      return Integer.valueOf(text);
    });
  }

  /** The value of a parameter of a type that a URL cannot hold. */
  <T extends Base> Optional<T> value(String name, Class<T> type) {
    return given.stream().filter(one -> one.name().equals(name)).findFirst().map(one -> {
      if (!type.isInstance(one.value())) {
        throw invalid("the parameter '%s' is no %s; send it with POST, in Parameters"
            .formatted(name, type.getSimpleName()));
      }
      return type.cast(one.value());
    });
  }

  FaultException invalid(String text) {
    return new FaultException(Fault.invalid("invalid", operation + ": " + text, null));
  }
}
