package org.botoxfhir.search;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Include;
import org.botoxfhir.search.SearchQuery.Sort;
import org.botoxfhir.store.ParameterTable;
import org.botoxfhir.store.ParameterTable.Progress;
import org.springframework.stereotype.Component;

/** What cannot be searched by yet, because rows of it are missing or were made by another definition. */
@Component
final class IndexCompleteness {
  private final ParameterTable table;
  private final SearchParameters parameters;

  /** Numbers of {@link SearchParameters#numbers}; empty nearly always. */
  private volatile Set<Short> incomplete;

  private volatile Optional<Progress> progress;

  IndexCompleteness(ParameterTable table, SearchParameters parameters, MeterRegistry metrics) {
    this.table = table;
    this.parameters = parameters;
    incomplete = askIncomplete();
    progress = table.progress();
    Gauge.builder("botox.reindex.incomplete", this, index -> index.incomplete.size())
        .description(
            "search parameters, and parts of them, that resources on file lack index rows of")
        .register(metrics);
    Gauge.builder("botox.reindex.remaining", this, IndexCompleteness::remaining)
        .description("resources whose index rows are yet to be made anew")
        .register(metrics);
  }

  private Set<Short> askIncomplete() {
    Set<Short> own = new HashSet<>();
    parameters.rowDefinitions().keySet().forEach(name -> own.add(number(name)));
    return table.incomplete(own);
  }

  private short number(String name) {
    Short number = parameters.numbers().get(name);
    if (number == null) {
      throw new IllegalStateException("no number stands for " + name);
    }
    return number;
  }

  /** Asks the database how it is now. */
  void refresh() {
    Set<Short> before = incomplete;
    Set<Short> now = askIncomplete();
    if (!now.isEmpty() || !before.isEmpty()) {
      progress = table.progress();
    }
    incomplete = now;
  }

  /** The names whose rows are not complete; in order. */
  Set<String> names() {
    Set<Short> now = incomplete;
    Set<String> names = new TreeSet<>(parameters.rowDefinitions().keySet());
    names.removeIf(name -> !now.contains(number(name)));
    return names;
  }

  private long remaining() {
    return incomplete.isEmpty()
        ? 0
        : progress.map(job -> Math.max(0, job.total() - job.done())).orElse(0L);
  }

  /** @throws FaultException {@link Fault.IndexIncomplete} when resources could be missing in the answer */
  void require(SearchQuery query) {
    if (incomplete.isEmpty()) {
      return;
    }
    Set<Long> used = new HashSet<>();
    query.parts().forEach(part -> part.criteria().forEach(one -> numbers(one, used)));
    query.sorts().forEach(sort -> numbers(sort.key(), used));
    query.includes().forEach(include -> numbers(include, used));
    require(used);
  }

  /** @throws FaultException {@link Fault.IndexIncomplete} when any is not complete */
  void requireAll() {
    require(incomplete.stream().map(Short::longValue).toList());
  }

  /**
   * @param used numbers that index rows are found by
   * @throws FaultException {@link Fault.IndexIncomplete} when one of them is not complete
   */
  void require(Collection<Long> used) {
    Set<Short> now = incomplete;
    if (now.isEmpty() || used.stream().noneMatch(number -> now.contains(number.shortValue()))) {
      return;
    }
    List<String> names =
        names().stream().filter(name -> used.contains((long) number(name))).toList();
    throw new FaultException(new Fault.IndexIncomplete(
        names,
        progress.map(Progress::done).orElse(0L),
        progress.map(Progress::total).orElse(0L)));
  }

  private static void numbers(Criterion criterion, Set<Long> used) {
    switch (criterion) {
      case Criterion.Tokens tokens -> tokens.params().forEach(param -> used.add((long) param));
      case Criterion.Strings strings -> used.add((long) strings.param());
      case Criterion.Dates dates -> used.add((long) dates.param());
      case Criterion.Numbers numbers -> numbers.params().forEach(param -> used.add((long) param));
      case Criterion.Present present -> present.params().forEach(param -> used.add((long) param));
      case Criterion.Near near -> {
        used.add((long) near.latitude());
        used.add((long) near.longitude());
      }
      case Criterion.OneOf oneOf -> oneOf.params().forEach(param -> used.add((long) param));
      case Criterion.Not(Criterion other) -> numbers(other, used);
      case Criterion.AnyOf(List<Criterion> all) -> all.forEach(one -> numbers(one, used));
      case Criterion.AllOf(List<Criterion> all) -> all.forEach(one -> numbers(one, used));
      case Criterion.InOneElement(List<Criterion> all) -> all.forEach(one -> numbers(one, used));
      case Criterion.RefersTo chain -> {
        used.add((long) chain.param());
        chain.targets().forEach(target -> numbers(target.criterion(), used));
      }
      case Criterion.ReferredToBy has -> {
        used.add((long) has.parameter().number());
        numbers(has.criterion(), used);
      }
      case Criterion.Ids ids -> {}
      case Criterion.LastUpdated lastUpdated -> {}
      case Criterion.Words words -> {}
      case Criterion.InList list -> {}
      case Criterion.Undenied undenied -> {}
      case Criterion.Nothing nothing -> {}
    }
  }

  private static void numbers(Sort.Key key, Set<Long> used) {
    switch (key) {
      case Sort.Key.Date date -> used.add((long) date.param());
      case Sort.Key.Text text -> used.add((long) text.param());
      case Sort.Key.Number number -> number.params().forEach(param -> used.add((long) param));
      case Sort.Key.Timeline timeline -> {}
      case Sort.Key.LastUpdated lastUpdated -> {}
      case Sort.Key.Id id -> {}
      case Sort.Key.Json json -> {}
    }
  }

  /** What a page brings along is named in its resources, by type and id or by canonical URL, or it points to them. */
  private void numbers(Include include, Set<Long> used) {
    used.addAll(
        include.reverse()
            ? parameters.referenceNumbers(include.type(), include.code())
            : parameters.canonicalUrlNumbers());
  }
}
