package org.botoxfhir.resource;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.ErasureTables;
import org.botoxfhir.store.Succession;
import org.botoxfhir.store.SuccessionTables;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/**
 * Which events should have been published, computed from the stored versions and from nothing else: what the outbox did or remembers has no
 * part in it.
 */
@Component
public class ExpectedEvents {
  private static final int PAGE = 500;

  private final SuccessionTables tables;
  private final ErasureTables erasures;
  private final List<WriteDerivation> derivations;
  private final Json json;

  ExpectedEvents(
      SuccessionTables tables,
      ErasureTables erasures,
      List<WriteDerivation> derivations,
      Json json) {
    this.tables = tables;
    this.erasures = erasures;
    this.derivations = derivations;
    this.json = json;
  }

  /**
   * The events of all versions that were written in a period and are committed now. Holds no more than a page of versions at a time.
   *
   * @param from first moment of {@code meta.lastUpdated}
   * @param to first moment after it
   */
  public void writtenBetween(Instant from, Instant to, Consumer<EventIdentity> each) {
    var types = new TreeSet<String>();
    derivations.forEach(derivation -> types.addAll(derivation.types()));
    for (String type : types) {
      Instant after = from;
      long afterRid = -1;
      List<Succession> page;
      do {
        page = tables.written(type, after, afterRid, to, PAGE);
        page.forEach(one -> events(one).forEach(each));
        if (!page.isEmpty()) {
          after = page.getLast().version().lastUpdated();
          afterRid = page.getLast().rid();
        }
      } while (page.size() == PAGE);
    }
  }

  /** The events of single versions, whenever they were written; versions that do not exist have none. One query for all of them. */
  public List<EventIdentity> of(Map<ResourceKey, ? extends Iterable<Long>> versions) {
    List<ResourceKey> keys = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    versions.forEach((key, some) -> some.forEach(number -> {
      keys.add(key);
      numbers.add(number);
    }));
    return tables.versions(keys, numbers).stream()
        .flatMap(one -> events(one).stream())
        .toList();
  }

  /** Those of some resources that were erased: what was published of them follows from no version any more. */
  public Set<ResourceKey> erased(Collection<ResourceKey> keys) {
    return erasures.erased(keys);
  }

  private List<EventIdentity> events(Succession one) {
    ResourceKey key = one.version().key();
    Resource before = Optional.ofNullable(one.before()).flatMap(json::resource).orElse(null);
    Resource after = json.resource(one.version()).orElse(null);
    List<EventIdentity> events = new ArrayList<>();
    for (WriteDerivation derivation : derivations) {
      if (derivation.types().contains(key.type())) {
        events.addAll(derivation.events(new Change(key, one.version().version(), before, after)));
      }
    }
    return events;
  }
}
