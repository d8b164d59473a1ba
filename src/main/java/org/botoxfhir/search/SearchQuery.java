package org.botoxfhir.search;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fault.Finding;
import org.jspecify.annotations.Nullable;

/**
 * A search that was understood.
 *
 * @param path what it asks, as its URL says behind the base: {@code Procedure}, {@code Patient/1/Procedure}, {@code Patient/1/*}; empty for
 *     all types
 * @param parts what is found by any of them matches; never empty
 * @param sorts order of the answer, the first counts most; never empty
 * @param count resources in a page; 0 asks for the number of matches only
 * @param total whether the number of matches is wanted
 * @param includes what else comes with each page
 * @param used the parameters that were used, in their given order, for the self link
 * @param findings what was dropped, when the caller asked for lenient handling
 */
public record SearchQuery(
    String path,
    List<Part> parts,
    List<Sort> sorts,
    int count,
    boolean total,
    List<Include> includes,
    List<Used> used,
    List<Finding> findings) {

  /** Whether it asks nothing of a resource but its type. */
  public boolean findsAll() {
    return parts.stream().anyMatch(part -> part.criteria().isEmpty());
  }

  /** Whether the caller said one by one which types are searched. */
  boolean namesTypes() {
    return used.stream().anyMatch(one -> one.name().equals(SearchQueryParser.TYPE));
  }

  /** What it asks of a resource: the same text however it is spelt, on every replica. Not for eyes: it holds what is searched for. */
  public String meaning() {
    return parts.stream()
        .map(part -> part.criteria().stream()
            .map(Criterion::toString)
            .distinct()
            .sorted()
            .collect(Collectors.joining("&", part.type() + "?", "")))
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  SearchQuery withParts(List<Part> other) {
    return new SearchQuery(path, other, sorts, count, total, includes, used, findings);
  }

  /**
   * Resources of one type.
   *
   * @param criteria all of them must hold; one that is made of several stands there as these
   */
  record Part(String type, List<Criterion> criteria) {
    Part {
      criteria = criteria.stream().flatMap(Part::each).toList();
    }

    private static Stream<Criterion> each(Criterion criterion) {
      return criterion instanceof Criterion.AllOf(List<Criterion> all)
          ? all.stream().flatMap(Part::each)
          : Stream.of(criterion);
    }
  }

  /** A parameter as the caller wrote it, decoded. */
  public record Used(String name, String value) {}

  /** What must hold of a resource; the values of one criterion are alternatives. */
  sealed interface Criterion {

    /** Logical ids. */
    record Ids(Set<String> ids) implements Criterion {}

    record LastUpdated(List<Range> ranges) implements Criterion {}

    /**
     * @param params under any of which one of the values stands
     * @param selectivity how few resources share a value of such a parameter, as far as its kind tells
     */
    record Tokens(List<Short> params, Selectivity selectivity, List<TokenValue> values)
        implements Criterion {
      Tokens(short param, Selectivity selectivity, List<TokenValue> values) {
        this(List.of(param), selectivity, values);
      }
    }

    record Strings(short param, List<StringValue> values) implements Criterion {}

    record Dates(short param, boolean timeline, List<Range> ranges) implements Criterion {}

    record Numbers(List<Short> params, List<NumberValue> values) implements Criterion {}

    /**
     * The words beside a code, such as a display, begin with or hold one of these. Read from the stored JSON.
     *
     * @param paths of the coded elements
     * @param words folded
     */
    record Words(List<String> paths, List<String> words) implements Criterion {}

    /** Whether the parameter has a value at all. */
    record Present(IndexTable table, List<Short> params) implements Criterion {}

    record Not(Criterion criterion) implements Criterion {}

    record AnyOf(List<Criterion> criteria) implements Criterion {}

    record AllOf(List<Criterion> criteria) implements Criterion {}

    /** All of these hold of one and the same repetition of an element; each is read from index rows. */
    record InOneElement(List<Criterion> criteria) implements Criterion {}

    /**
     * The reference points to a resource of which something holds: a chained parameter.
     *
     * @param toOwner whether a Patient that it points to is the one whose record the resource is, as the store keeps it
     */
    record RefersTo(short param, boolean toOwner, List<Target> targets) implements Criterion {}

    /**
     * A resource points here of which something holds: {@code _has}.
     *
     * @param type of the resources that are looked for
     * @param parameter by which they are pointed to
     */
    record ReferredToBy(String type, Parameter parameter, Criterion criterion)
        implements Criterion {}

    /**
     * Has one of the codes that a text stands for.
     *
     * @param texts value sets, or {@code system|code}, still escaped
     */
    record OneOf(
        List<Short> params, Selectivity selectivity, CodeRelation relation, List<String> texts)
        implements Criterion {}

    /** Is an entry of the List with this id. */
    record InList(String id) implements Criterion {}

    /**
     * A place in one of the circles.
     *
     * @param latitude what stands for its latitudes in index rows
     * @param longitude what stands for its longitudes
     */
    record Near(short latitude, short longitude, List<Circle> circles) implements Criterion {}

    /** No Consent denies it to a caller. */
    record Undenied(Requester requester) implements Criterion {}

    /** Holds of no resource. */
    record Nothing() implements Criterion {}
  }

  /** What a text is to the codes that it stands for. */
  enum CodeRelation {
    VALUE_SET,
    ABOVE,
    BELOW
  }

  /** Resources of a type of which something holds. */
  record Target(String type, Criterion criterion) {}

  /** A table of index rows. */
  enum IndexTable {
    TOKEN,
    DATE,
    STRING,
    NUMBER;

    String table() {
      return name().toLowerCase(Locale.ROOT) + "_index";
    }
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

  /** How a text compares with what is stored. */
  enum StringMatch {
    STARTS_WITH,
    CONTAINS,
    EXACT
  }

  /**
   * @param folded as index rows hold it
   * @param exact as the caller wrote it
   */
  record StringValue(StringMatch match, String folded, String exact) {}

  /**
   * The places so near to a point.
   *
   * @param latitude degrees, -90 to 90
   * @param longitude degrees, -180 to 180
   * @param metres along the surface of the earth, at least 0
   */
  record Circle(double latitude, double longitude, double metres) {}

  /** A date with its prefix. */
  record Range(Prefix prefix, DateInterval interval) {}

  /**
   * A number or quantity with its prefix.
   *
   * @param number as given; its digits say how exactly it is meant
   * @param system unit system that it must have; null for any
   * @param code unit that it must have; null for any
   */
  record NumberValue(
      Prefix prefix,
      BigDecimal number,
      @Nullable String system,
      @Nullable String code) {}

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
    /** What resources are sorted by; one that has several values counts with the least, one without any before all others. */
    sealed interface Key {
      record Timeline() implements Key {}

      record LastUpdated() implements Key {}

      record Id() implements Key {}

      /** A date parameter. */
      record Date(short param) implements Key {}

      /** A string or URI parameter. */
      record Text(short param) implements Key {}

      /** A number or quantity parameter, whatever the unit. */
      record Number(List<Short> params) implements Key {}

      /** A code or reference, read from the stored JSON: index rows hold neither. */
      record Json(List<String> paths) implements Key {}
    }
  }

  /**
   * Resources that come with the matches.
   *
   * @param reverse whether they point to the matches ({@code _revinclude}) rather than the matches to them
   * @param iterate whether what they bring along is looked at too
   * @param type of the resources that hold the reference; null for any
   * @param code the reference parameter; null for all
   * @param target type that it must point to; null for any
   */
  record Include(
      boolean reverse,
      boolean iterate,
      @Nullable String type,
      @Nullable String code,
      @Nullable String target) {}

  /**
   * Where a page begins or ends: at this match, which is none of the page.
   *
   * @param back whether the page ends before it; otherwise it begins behind it
   * @param sortKey as {@link org.botoxfhir.store.SearchTables.Match#sortKey}
   */
  public record Position(boolean back, String sortKey, long rid) {}
}
