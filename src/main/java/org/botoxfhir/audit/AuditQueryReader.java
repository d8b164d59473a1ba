package org.botoxfhir.audit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.audit.AuditQuery.Condition;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.DateInterval;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.security.PurposeOfUse;
import org.botoxfhir.store.PostgresLimits;
import org.hl7.fhir.r4.model.ResourceType;

/** Reads the parameters of a search of the audit log. Values that commas part are alternatives, repeated parameters must all hold. */
final class AuditQueryReader {
  private static final Pattern COMMA = Pattern.compile("(?<!\\\\),");
  private static final Set<String> PRESENTATION = Set.of("_format", "_pretty", "_elements");
  private static final String NONE = "false";

  /** What can be searched by, and how. */
  private static final Map<String, Function<String, Condition>> PARAMETERS = new TreeMap<>(Map.of(
      "_id", AuditQueryReader::id,
      "date", AuditQueryReader::date,
      "agent", AuditQueryReader::agent,
      "patient", AuditQueryReader::patient,
      "entity", AuditQueryReader::entity,
      "type", AuditQueryReader::type,
      "subtype", AuditQueryReader::subtype,
      "action", AuditQueryReader::action,
      "outcome", AuditQueryReader::outcome,
      "purpose", AuditQueryReader::purpose));

  private AuditQueryReader() {}

  /** @throws FaultException with {@link Fault.Invalid} that names the parameter, its value and the way out */
  static AuditQuery read(List<Used> given, FhirSettings settings) {
    List<Condition> conditions = new ArrayList<>();
    int count = settings.defaultCount();
    boolean total = false;
    for (Used one : given) {
      Function<String, Condition> parameter = PARAMETERS.get(one.name());
      if (parameter != null) {
        conditions.add(anyOf(one.value(), parameter));
      } else if (!PRESENTATION.contains(one.name())) {
        switch (one.name()) {
          case "_count" -> count = HistoryQuery.count(one, settings);
          case "_summary" -> count = one.value().equals("count") ? 0 : count;
          case "_total" -> total = total(one.value());
          case "_sort" -> requireNewestFirst(one.value());
          default ->
            throw invalid(
                "not-supported",
                "AuditEvent cannot be searched by '%s'; possible are %s, without modifiers"
                    .formatted(one.name(), String.join(", ", PARAMETERS.keySet())));
        }
      }
    }
    return new AuditQuery(conditions, count, total, given);
  }

  private static Condition anyOf(String values, Function<String, Condition> parameter) {
    List<Condition> alternatives = Arrays.stream(COMMA.split(values, -1))
        .map(value -> value.replace("\\,", ",").replace("\\|", "|"))
        .map(PostgresLimits::text)
        .map(parameter)
        .toList();
    return alternatives.size() == 1
        ? alternatives.getFirst()
        : new Condition(
            alternatives.stream().map(Condition::sql).collect(Collectors.joining(" or ", "(", ")")),
            alternatives.stream().flatMap(one -> one.parameters().stream()).toList());
  }

  private static Condition id(String value) {
    try {
      UUID id = UUID.fromString(value);
      return id.version() == 7
          ? new Condition(
              "(recorded = ?::timestamptz and batch = ?::uuid and id = ?::uuid)",
              List.of(
                  RecordedEvent.time(id).toString(),
                  RecordedEvent.batch(id).toString(),
                  id.toString()))
          : new Condition(NONE, List.of());
    } catch (IllegalArgumentException noUuid) {
      return new Condition(NONE, List.of()); // no event has such an id
    }
  }

  private static Condition date(String value) {
    boolean prefixed = value.length() > 2 && Character.isLetter(value.charAt(0));
    String prefix = prefixed ? value.substring(0, 2) : "eq";
    DateInterval interval = DateInterval.parse(prefixed ? value.substring(2) : value)
        .orElseThrow(() -> invalid(
            "invalid",
            "'%s' of 'date' is no date; write for example ge2026-11-22 or 2026-11-22T08:00:00Z, with + as %%2B"
                .formatted(value)));
    String low = PostgresLimits.timestamp(interval.low());
    String high = PostgresLimits.timestamp(interval.high());
    return switch (prefix) {
      case "eq" ->
        new Condition("recorded between ?::timestamptz and ?::timestamptz", List.of(low, high));
      case "ne" ->
        new Condition("recorded not between ?::timestamptz and ?::timestamptz", List.of(low, high));
      case "gt", "sa" -> new Condition("recorded > ?::timestamptz", List.of(high));
      case "ge" -> new Condition("recorded >= ?::timestamptz", List.of(low));
      case "lt", "eb" -> new Condition("recorded < ?::timestamptz", List.of(low));
      case "le" -> new Condition("recorded <= ?::timestamptz", List.of(high));
      default ->
        throw invalid(
            "not-supported",
            "'%s' of 'date' has the prefix '%s'; possible are eq, ne, gt, ge, lt, le, sa, eb"
                .formatted(value, prefix));
    };
  }

  /** A reference as the token names the user, or the name of a user or client that is none. */
  private static Condition agent(String value) {
    return new Condition(
        "(keys && ?::text[] and (agent = ? or client = ?))",
        List.of(new String[] {value}, value, value));
  }

  private static Condition patient(String value) {
    String reference = value.startsWith("Patient/") ? value : "Patient/" + value;
    if (ResourceKey.ofReference(reference).isEmpty()) {
      throw invalid(
          "invalid",
          "'%s' of 'patient' is no patient of this server; write Patient/[id]".formatted(value));
    }
    String[] references = {reference};
    return new Condition(
        "(keys && ?::text[] and (subjects && ?::text[] or agent = ?))",
        List.of(references, references, reference));
  }

  /** A bare id is that of a resource of any type. */
  private static Condition entity(String value) {
    if (ResourceKey.isId(value)) {
      String[] references = Stream.of(ResourceType.values())
          .map(type -> type.name() + "/" + value)
          .toArray(String[]::new);
      return anyOf(references);
    }
    ResourceKey key = ResourceKey.ofReference(value)
        .orElseThrow(() -> invalid(
            "invalid",
            "'%s' of 'entity' is no resource of this server; write [type]/[id]".formatted(value)));
    return anyOf(new String[] {key.toString()});
  }

  private static Condition anyOf(String[] subjects) {
    return new Condition(
        "(keys && ?::text[] and subjects && ?::text[])", List.of(subjects, subjects));
  }

  private static Condition type(String value) {
    return new Condition(
        code(value, AuditEvents.TYPES).equals(AuditEvents.REST) ? "true" : NONE, List.of());
  }

  private static Condition subtype(String value) {
    String code = code(value, AuditEvents.INTERACTIONS);
    return interactions(one -> !code.isEmpty() && one.code().equals(code));
  }

  private static Condition action(String value) {
    String code = code(value, AuditEvents.ACTIONS);
    return interactions(one -> one.action().equals(code));
  }

  private static Condition interactions(Predicate<Interaction> wanted) {
    String[] codes = Stream.of(Interaction.values())
        .filter(wanted)
        .map(Interaction::code)
        .toArray(String[]::new);
    return new Condition("interaction = any(?)", List.<Object>of((Object) codes));
  }

  private static Condition outcome(String value) {
    return switch (code(value, AuditEvents.OUTCOMES)) {
      case "0" -> new Condition("status < 400", List.of());
      case "4" -> new Condition("status between 400 and 499", List.of());
      case "8" -> new Condition("status >= 500", List.of());
      default -> new Condition(NONE, List.of());
    };
  }

  private static Condition purpose(String value) {
    return new Condition(
        "? = any(string_to_array(purpose, ' '))", List.of(code(value, PurposeOfUse.SYSTEM)));
  }

  /** The code of a token of this system, or of any; empty for one of another. */
  private static String code(String token, String system) {
    int bar = token.indexOf('|');
    return bar < 0 ? token : token.substring(0, bar).equals(system) ? token.substring(bar + 1) : "";
  }

  private static boolean total(String value) {
    return switch (value) {
      case "none" -> false;
      case "accurate", "estimate" -> true;
      default ->
        throw invalid(
            "invalid",
            "'%s' of '_total' is not known; write none, estimate or accurate".formatted(value));
    };
  }

  private static void requireNewestFirst(String value) {
    if (!value.equals("-date")) {
      throw invalid(
          "not-supported",
          "AuditEvents come newest first (_sort=-date), not by '%s'".formatted(value));
    }
  }

  private static FaultException invalid(String code, String text) {
    return new FaultException(Fault.invalid(code, text, null));
  }
}
