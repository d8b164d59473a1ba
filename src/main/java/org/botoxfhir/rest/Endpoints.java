package org.botoxfhir.rest;

import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.method.BaseMethodBinding;
import ca.uhn.fhir.rest.server.method.OperationMethodBinding;
import ca.uhn.fhir.util.UrlUtil;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.Compartments;

/**
 * Which methods each path takes, R4 http.html#summary. HAPI only looks for a method of ours that would fit what it understood of a
 * path, and so took {@code DELETE Patient/1/_history/1} for a deletion of the patient.
 */
final class Endpoints {
  private static final List<String> READ = List.of("GET", "HEAD", "OPTIONS");
  private static final List<String> SEARCH = List.of("GET", "HEAD", "POST", "OPTIONS");
  private static final List<String> OPERATION = List.of("POST", "OPTIONS");
  private static final List<String> TYPE =
      List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
  private static final List<String> INSTANCE =
      List.of("GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS");

  private static final String HISTORY = "_history";
  private static final String SEARCHES = "_search";
  private static final String OF_INSTANCE = "/[id]/";

  private final ServedTypes types;
  private final Map<String, List<String>> operations = new TreeMap<>();

  /** @param server whose operations are bound already */
  Endpoints(ServedTypes types, RestfulServer server) {
    this.types = types;
    server.getServerBindings().forEach(this::add);
    server.getResourceBindings().forEach(type -> type.getMethodBindings().forEach(this::add));
  }

  private void add(BaseMethodBinding binding) {
    if (binding instanceof OperationMethodBinding operation) {
      List<String> methods = operation.isIdempotent() ? SEARCH : OPERATION;
      String type = operation.getResourceName();
      if (type == null && operation.isCanOperateAtServerLevel()) {
        operations.put(operation.getName(), methods);
      }
      if (type != null && operation.isCanOperateAtTypeLevel()) {
        operations.put(type + "/" + operation.getName(), methods);
      }
      if (type != null && operation.isCanOperateAtInstanceLevel()) {
        operations.put(type + OF_INSTANCE + operation.getName(), methods);
      }
    }
  }

  /**
   * The methods that a path takes.
   *
   * @param path below the base, percent-encoded or not
   * @throws FaultException with {@link Fault.TypeNotServed} or {@link Fault.NoEndpoint}
   */
  List<String> methods(String path) {
    List<String> steps = steps(path);
    if (steps.isEmpty()) {
      return SEARCH;
    }
    String first = steps.getFirst();
    if (first.startsWith("$") || first.startsWith("_") || first.equals("metadata")) {
      return steps.size() == 1 ? ofSystem(first) : none(path);
    }
    if (first.equals(ServedTypes.AUDIT)) {
      return ofAudit(steps, path);
    }
    if (!types.serves(first)) {
      throw new FaultException(new Fault.TypeNotServed(first, types.all()));
    }
    return switch (steps.size()) {
      case 1 -> types.writable(first) ? TYPE : READ;
      case 2 -> ofType(first, steps.get(1));
      case 3 -> ofInstance(first, steps.get(2), path);
      case 4 ->
        steps.get(2).equals(HISTORY)
            ? READ
            : steps.get(3).equals(SEARCHES) && isLookedFor(steps.get(2)) ? SEARCH : none(path);
      case 5 ->
        steps.get(2).equals(HISTORY) && steps.get(4).startsWith("$")
            ? operation(first + OF_INSTANCE, steps.get(4))
            : none(path);
      default -> none(path);
    };
  }

  /** Events have no history and no operations. */
  private static List<String> ofAudit(List<String> steps, String path) {
    return switch (steps.size()) {
      case 1 -> READ;
      case 2 ->
        steps.get(1).equals(SEARCHES) ? SEARCH : ResourceKey.isId(steps.get(1)) ? READ : none(path);
      default -> none(path);
    };
  }

  private List<String> ofSystem(String step) {
    return switch (step) {
      case "metadata", HISTORY -> READ;
      case SEARCHES -> SEARCH;
      default -> step.startsWith("$") ? operation("", step) : none(step);
    };
  }

  private List<String> ofType(String type, String step) {
    if (step.startsWith("$")) {
      return operation(type + "/", step);
    }
    return switch (step) {
      case HISTORY -> READ;
      case SEARCHES -> SEARCH;
      default -> types.writable(type) ? INSTANCE : READ;
    };
  }

  private List<String> ofInstance(String type, String step, String path) {
    if (step.startsWith("$")) {
      return operation(type + OF_INSTANCE, step);
    }
    return step.equals(HISTORY) || isLookedFor(step) ? READ : none(path);
  }

  /** Whether resources of this type, or of all, are looked for in a compartment. */
  private boolean isLookedFor(String step) {
    if (!step.equals(Compartments.ALL)
        && Character.isUpperCase(step.charAt(0))
        && !types.serves(step)) {
      throw new FaultException(new Fault.TypeNotServed(step, types.all()));
    }
    return step.equals(Compartments.ALL) || types.serves(step);
  }

  private List<String> operation(String before, String name) {
    List<String> methods = operations.get(before + name);
    if (methods == null) {
      List<String> there = operations.keySet().stream()
          .filter(one -> one.startsWith(before) && one.lastIndexOf('$') == before.length())
          .toList();
      throw new FaultException(new Fault.NoEndpoint(
          before + name,
          there.isEmpty() ? "no operation is here" : "operations are " + String.join(", ", there)));
    }
    return methods;
  }

  private static List<String> none(String path) {
    throw new FaultException(new Fault.NoEndpoint(
        path, "write [type], [type]/[id], [type]/[id]/_history/[version] or metadata"));
  }

  private static List<String> steps(String path) {
    List<String> steps = new ArrayList<>(Arrays.asList(path.split("/", 8)));
    steps.removeIf(String::isEmpty);
    steps.replaceAll(UrlUtil::unescape);
    return steps;
  }
}
