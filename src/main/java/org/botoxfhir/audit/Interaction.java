package org.botoxfhir.audit;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * What a client asks for, as R4 names it (code system {@code http://hl7.org/fhir/restful-interaction}), by method and path alone: what
 * is refused before anybody has looked into it has its name too.
 */
public enum Interaction {
  READ("read", "R"),
  VREAD("vread", "R"),
  SEARCH_TYPE("search-type", "E"),
  SEARCH_SYSTEM("search-system", "E"),
  HISTORY_INSTANCE("history-instance", "R"),
  HISTORY_TYPE("history-type", "R"),
  HISTORY_SYSTEM("history-system", "R"),
  CREATE("create", "C"),
  UPDATE("update", "U"),
  PATCH("patch", "U"),
  DELETE("delete", "D"),
  TRANSACTION("transaction", "E"),
  BATCH("batch", "E"),
  OPERATION("operation", "E"),
  CAPABILITIES("capabilities", "R"),
  /** A request that is none of these; refused. */
  OTHER("", "E");

  private final String code;
  private final String action;

  Interaction(String code, String action) {
    this.code = code;
    this.action = action;
  }

  String code() {
    return code;
  }

  /** Code of {@code http://hl7.org/fhir/audit-event-action}. */
  String action() {
    return action;
  }

  boolean isSearch() {
    return this == SEARCH_TYPE || this == SEARCH_SYSTEM;
  }

  /** Whether it has entries, each an interaction of its own. */
  boolean isBundle() {
    return this == TRANSACTION || this == BATCH;
  }

  static Interaction of(String code) {
    return Stream.of(values()).filter(one -> one.code.equals(code)).findFirst().orElse(OTHER);
  }

  /**
   * What a request asks for. A bundle counts as a transaction until somebody has read it.
   *
   * @param path below the base, without a slash before it, e.g. {@code Patient/1}
   */
  static Interaction of(String method, String path) {
    List<String> steps = new ArrayList<>();
    for (String step : path.split("/", 8)) {
      if (step.startsWith("$")) {
        return OPERATION;
      }
      if (!step.isEmpty()) {
        steps.add(step);
      }
    }
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (steps.isEmpty()) {
      return reads ? SEARCH_SYSTEM : method.equals("POST") ? TRANSACTION : OTHER;
    }
    if (steps.getFirst().equals("metadata")) {
      return CAPABILITIES;
    }
    if (steps.getLast().equals("_search")) {
      return steps.size() == 1 || steps.contains("*") ? SEARCH_SYSTEM : SEARCH_TYPE;
    }
    if (reads) {
      return reading(steps);
    }
    return switch (method) {
      case "POST" -> steps.size() == 1 ? CREATE : OTHER;
      case "PUT" -> UPDATE;
      case "PATCH" -> PATCH;
      case "DELETE" -> DELETE;
      default -> OTHER;
    };
  }

  private static Interaction reading(List<String> steps) {
    if (steps.size() == 4 && steps.get(2).equals("_history")) {
      return VREAD;
    }
    if (steps.getLast().equals("_history")) {
      return switch (steps.size()) {
        case 1 -> HISTORY_SYSTEM;
        case 2 -> HISTORY_TYPE;
        default -> HISTORY_INSTANCE;
      };
    }
    return switch (steps.size()) {
      case 1 -> SEARCH_TYPE;
      case 2 -> READ;
      case 3 -> steps.getLast().equals("*") ? SEARCH_SYSTEM : SEARCH_TYPE;
      default -> OTHER;
    };
  }
}
