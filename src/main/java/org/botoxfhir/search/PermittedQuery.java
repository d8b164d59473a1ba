package org.botoxfhir.search;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Part;
import org.botoxfhir.search.SearchQuery.Sort;
import org.botoxfhir.search.SearchQuery.Target;

/**
 * A query that finds only what its caller may see. {@link SearchSql} takes no other, and there is no other way to one than {@link #of}: it
 * confines the types searched and, in the same walk through the criteria, those that chains and {@code _has} lead to.
 */
final class PermittedQuery {
  private static final List<Sort> ANY_ORDER = List.of(new Sort(new Sort.Key.LastUpdated(), true));

  private final SearchQuery query;
  private final Sight sight;

  private PermittedQuery(SearchQuery query, Sight sight) {
    this.query = query;
    this.sight = sight;
  }

  /**
   * @throws FaultException when the caller has no scope for a type that the query names, or for any of those that it does not name one by
   *     one
   */
  static PermittedQuery of(SearchQuery asked, Sight sight) {
    if (sight.isOfAll()) {
      return new PermittedQuery(asked, sight);
    }
    List<Part> parts = new ArrayList<>();
    boolean named = asked.parts().size() == 1 || asked.namesTypes();
    for (Part part : asked.parts()) {
      if (named || !sight.of(part.type()).isNothing()) {
        parts.add(new Part(part.type(), within(part.type(), part.criteria(), sight)));
      }
    }
    if (parts.isEmpty()) {
      sight.of(asked.parts().getFirst().type()).required();
    }
    return new PermittedQuery(asked.withParts(parts), sight);
  }

  /** Criteria with what confines the type before them, so that among equals a search is driven by whose record it is. */
  private static List<Criterion> within(String type, List<Criterion> criteria, Sight sight) {
    List<Criterion> all = new ArrayList<>();
    for (Criterion confines : sight.of(type).required().criteria()) {
      if (criteria.stream().noneMatch(given -> implies(given, confines))) {
        all.add(confines);
      }
    }
    criteria.forEach(criterion -> all.add(permitted(criterion, sight)));
    return all;
  }

  private static Criterion within(String type, Criterion criterion, Sight sight) {
    List<Criterion> all = within(type, List.of(criterion), sight);
    return all.size() == 1 ? all.getFirst() : new Criterion.AllOf(all);
  }

  /** Whether the caller asks for no more than the confinement allows, as most do: {@code patient=Patient/1}. */
  private static boolean implies(Criterion given, Criterion confines) {
    return given.equals(confines)
        || given instanceof Criterion.Tokens narrow
            && confines instanceof Criterion.Tokens wide
            && wide.params().containsAll(narrow.params())
            && wide.values().containsAll(narrow.values());
  }

  private static Criterion permitted(Criterion criterion, Sight sight) {
    return switch (criterion) {
      case Criterion.RefersTo(short param, boolean toOwner, List<Target> targets) -> {
        List<Target> seen = targets.stream()
            .filter(target -> !sight.of(target.type()).isNothing())
            .map(target ->
                new Target(target.type(), within(target.type(), target.criterion(), sight)))
            .toList();
        if (seen.isEmpty()) {
          sight.of(targets.getFirst().type()).required();
        }
        yield new Criterion.RefersTo(param, toOwner, seen);
      }
      case Criterion.ReferredToBy(String type, Parameter parameter, Criterion of) ->
        new Criterion.ReferredToBy(type, parameter, within(parameter.type(), of, sight));
      case Criterion.InList list -> {
        sight.of("List").required(); // the list itself is looked at when it is read
        yield list;
      }
      case Criterion.Not(Criterion other) -> new Criterion.Not(permitted(other, sight));
      case Criterion.AnyOf(List<Criterion> any) -> new Criterion.AnyOf(each(any, sight));
      case Criterion.AllOf(List<Criterion> all) -> new Criterion.AllOf(each(all, sight));
      // What follows asks only for what the resource itself holds, or for definitions.
      case Criterion.InOneElement all -> all;
      case Criterion.Ids ids -> ids;
      case Criterion.LastUpdated lastUpdated -> lastUpdated;
      case Criterion.Tokens tokens -> tokens;
      case Criterion.Strings strings -> strings;
      case Criterion.Dates dates -> dates;
      case Criterion.Numbers numbers -> numbers;
      case Criterion.Words words -> words;
      case Criterion.Present present -> present;
      case Criterion.OneOf oneOf -> oneOf;
      case Criterion.Near near -> near;
      case Criterion.Undenied undenied -> undenied;
      case Criterion.Nothing nothing -> nothing;
    };
  }

  private static List<Criterion> each(List<Criterion> criteria, Sight sight) {
    return criteria.stream().map(one -> permitted(one, sight)).toList();
  }

  SearchQuery query() {
    return query;
  }

  Sight sight() {
    return sight;
  }

  /** The same with something made of each of its parts, which must not find more than the part did. */
  PermittedQuery with(UnaryOperator<Part> change) {
    return new PermittedQuery(query.withParts(query.parts().stream().map(change).toList()), sight);
  }

  /**
   * A search of its own for what a criterion of this query, or one that was made of it, asks for on the way.
   *
   * @param criterion of a resource that is referred to, or refers here; it bears its confinement
   */
  PermittedQuery step(String type, Criterion criterion) {
    return new PermittedQuery(query(type, criterion), sight);
  }

  /** Resources of a type, in any order. */
  static PermittedQuery of(String type, Criterion criterion, Sight sight) {
    return of(query(type, criterion), sight);
  }

  private static SearchQuery query(String type, Criterion criterion) {
    List<Criterion> all =
        criterion instanceof Criterion.AllOf(List<Criterion> each) ? each : List.of(criterion);
    return new SearchQuery(
        type, List.of(new Part(type, all)), ANY_ORDER, 1, false, List.of(), List.of(), List.of());
  }
}
