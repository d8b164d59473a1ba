package org.botoxfhir.search;

import java.util.List;
import java.util.Set;
import org.botoxfhir.fault.Finding;
import org.jspecify.annotations.Nullable;

/**
 * A search that was understood.
 *
 * @param type resource type
 * @param criteria all of them must hold
 * @param sort order of the answer
 * @param count resources in a page; 0 asks for the number of matches only
 * @param total whether the number of matches is wanted
 * @param used the parameters that were used, in their given order, for the self link
 * @param findings what was dropped, when the caller asked for lenient handling
 */
public record SearchQuery(
    String type,
    List<Criterion> criteria,
    Sort sort,
    int count,
    boolean total,
    List<Used> used,
    List<Finding> findings) {

  /** A parameter as the caller wrote it, decoded. */
  public record Used(String name, String value) {}

  /** What must hold of a resource; the values of one criterion are alternatives. */
  sealed interface Criterion {

    /** Logical ids. */
    record Ids(Set<String> ids) implements Criterion {}

    record LastUpdated(List<Range> ranges) implements Criterion {}

    /** @param selectivity how few resources share a value of such a parameter, as far as its kind tells */
    record Tokens(short param, Selectivity selectivity, List<TokenValue> values)
        implements Criterion {}

    record Strings(short param, List<String> prefixes) implements Criterion {}

    record Dates(short param, boolean timeline, List<Range> ranges) implements Criterion {}
  }

  /** From one value to one resource, to one value to a large part of them. */
  enum Selectivity {
    IDENTIFIER,
    REFERENCE,
    CODE,
    STATUS
  }

  /**
   * @param value code, reference, URI, or {@code system|} for any code of it
   * @param system the system that the code must have; empty for none at all; null for any
   */
  record TokenValue(String value, @Nullable String system) {}

  /** A date with its prefix. */
  record Range(Prefix prefix, DateInterval interval) {}

  /** Prefixes of ordered values, <a href="https://hl7.org/fhir/R4/search.html#prefix">R4 search, 3.1.1.4.4</a>. */
  enum Prefix {
    EQ,
    NE,
    GT,
    LT,
    GE,
    LE,
    SA,
    EB,
    AP
  }

  /**
   * @param key what to sort by
   * @param descending latest first
   */
  public record Sort(Key key, boolean descending) {
    /** A date that resources are sorted by. A resource without it counts as the earliest. */
    sealed interface Key {
      record Timeline() implements Key {}

      record LastUpdated() implements Key {}

      /** Another date parameter. */
      record Date(short param) implements Key {}
    }
  }

  /**
   * Where a page ends: the next one begins behind this.
   *
   * @param sortKey as {@link org.botoxfhir.store.SearchTables.Match#sortKey}
   */
  public record Position(String sortKey, long rid) {}
}
