package org.botoxfhir.search;

import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.store.IndexRows;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;

/** What a caller may touch of the resources of one type in one way; made by {@link Confinements}. */
public final class Confinement {
  /** All resources of the type. */
  static final Confinement WHOLE_TYPE = new Confinement(List.of(), List.of(), null);

  private final List<Criterion> criteria;
  private final List<Reach> reaches;
  private final @Nullable Fault refusal;

  private Confinement(List<Criterion> criteria, List<Reach> reaches, @Nullable Fault refusal) {
    this.criteria = criteria;
    this.reaches = reaches;
    this.refusal = refusal;
  }

  /**
   * What one scope reaches.
   *
   * @param ownRecord whether it is a patient's scope
   * @param criteria all of them hold of it
   */
  record Reach(boolean ownRecord, List<Criterion> criteria) {}

  static Confinement nothing(Fault refusal) {
    return new Confinement(List.of(new Criterion.Nothing()), List.of(), refusal);
  }

  /** @param reaches not empty; any of them will do */
  static Confinement anyOf(List<Reach> reaches) {
    return new Confinement(criteria(reaches), List.copyOf(reaches), null);
  }

  /** What holds of each stands by itself, so that a search can be driven by it. */
  private static List<Criterion> criteria(List<Reach> reaches) {
    List<Criterion> common = reaches.getFirst().criteria().stream()
        .filter(one -> reaches.stream().allMatch(reach -> reach.criteria().contains(one)))
        .toList();
    List<Criterion> rest = reaches.stream()
        .map(reach ->
            reach.criteria().stream().filter(one -> !common.contains(one)).toList())
        .map(all -> all.size() == 1 ? all.getFirst() : new Criterion.AllOf(all))
        .distinct()
        .toList();
    // Where one asks no more than all do, the others say nothing.
    if (rest.contains(new Criterion.AllOf(List.of()))) {
      return common;
    }
    return Stream.concat(common.stream(), Stream.of(together(rest))).toList();
  }

  /** Codes of one parameter are looked up as alternatives of one criterion. */
  private static Criterion together(List<Criterion> alternatives) {
    if (alternatives.size() == 1) {
      return alternatives.getFirst();
    }
    if (alternatives.getFirst() instanceof Criterion.Tokens first
        && alternatives.stream()
            .allMatch(one -> one instanceof Criterion.Tokens tokens
                && tokens.params().equals(first.params())
                && tokens.selectivity() == first.selectivity())) {
      return new Criterion.Tokens(
          first.params(),
          first.selectivity(),
          alternatives.stream()
              .flatMap(one -> ((Criterion.Tokens) one).values().stream())
              .distinct()
              .toList());
    }
    return new Criterion.AnyOf(alternatives);
  }

  /** Whether no resource of the type has to be looked at. */
  public boolean isWholeType() {
    return refusal == null && criteria.isEmpty();
  }

  /** Whether only what Consents deny has to be looked for. */
  public boolean isWholeUnlessDenied() {
    return refusal == null
        && criteria.size() == 1
        && criteria.getFirst() instanceof Criterion.Undenied;
  }

  /** Whether Consents may hide some of it. */
  boolean mindsConsents() {
    return reaches.stream()
        .flatMap(reach -> reach.criteria().stream())
        .anyMatch(Criterion.Undenied.class::isInstance);
  }

  /** Looks up at once what is denied of the records that some versions are part of, before they are asked of one by one. */
  public void learn(Collection<StoredVersion> versions) {
    for (Reach reach : reaches) {
      for (Criterion criterion : reach.criteria()) {
        if (criterion instanceof Criterion.Undenied(var requester)) {
          requester.learnOf(versions);
        }
      }
    }
  }

  /** Whether the caller has no scope for it. */
  public boolean isNothing() {
    return refusal != null;
  }

  /**
   * The same, of a caller that has a scope for it.
   *
   * @throws FaultException that names the scopes which would do
   */
  public Confinement required() {
    if (refusal != null) {
      throw new FaultException(refusal);
    }
    return this;
  }

  /** Whether it is all that belongs to the patient of the launch, or more, but for what Consents deny. */
  boolean isWholeRecord() {
    return isWholeType()
        || isWholeUnlessDenied()
        || reaches.stream()
            .anyMatch(reach -> reach.ownRecord() && reach.criteria().size() == 1);
  }

  /** All of them hold of what may be touched. */
  List<Criterion> criteria() {
    return criteria;
  }

  /** Whether it may be touched. */
  boolean covers(ResourceKey key, IndexRows rows) {
    return isWholeType() || reaches.stream().anyMatch(reach -> covers(reach, key, rows));
  }

  /** Whether it may be touched, and not only as part of the patient's own record. */
  boolean coversAsOthers(ResourceKey key, IndexRows rows) {
    return isWholeType()
        || reaches.stream().anyMatch(reach -> !reach.ownRecord() && covers(reach, key, rows));
  }

  private static boolean covers(Reach reach, ResourceKey key, IndexRows rows) {
    return reach.criteria().stream().allMatch(criterion -> switch (criterion) {
      case Criterion.Ids(var ids) -> ids.contains(key.id());
      case Criterion.Tokens tokens -> has(tokens, rows);
      case Criterion.Undenied(var requester) -> !requester.isDenied(key, rows);
      default -> throw new IllegalStateException("no criterion of a scope: " + criterion);
    });
  }

  private static boolean has(Criterion.Tokens wanted, IndexRows rows) {
    return rows.tokens().stream()
        .anyMatch(row -> wanted.params().contains(row.param())
            && wanted.values().stream().anyMatch(value -> is(value, row)));
  }

  private static boolean is(TokenValue value, IndexRows.Token row) {
    if (!value.value().equals(row.value())) {
      return false;
    }
    @Nullable String system = value.system();
    return system == null
        || (system.isEmpty() ? row.system() == null : system.equals(row.system()));
  }
}
