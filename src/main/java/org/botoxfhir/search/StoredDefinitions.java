package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.store.DefinitionSetTable;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.StoredVersion;
import org.botoxfhir.terminology.Concepts;
import org.botoxfhir.terminology.Definitions;
import org.hl7.fhir.r4.model.CodeSystem;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.ValueSet;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The ValueSets and CodeSystems on file, by canonical URL. Which version is current is read each time; only what is made of the text of a
 * version, which never changes, is kept.
 */
@Component
class StoredDefinitions implements Definitions {
  /** Definitions under one URL. */
  private static final int MOST = 1000;

  /** Bytes of JSON whose concepts are kept; the largest code system of R4 is one megabyte, and in memory it is some times that. */
  private static final long KEPT = 8_000_000;

  private final SearchTables tables;
  private final DefinitionSetTable sets;
  private final SearchParameters parameters;
  private final ServedTypes types;
  private final FhirContext context;
  private final FhirSettings settings;
  private final Cache<VersionKey, Parsed> concepts = Caffeine.newBuilder()
      .maximumWeight(KEPT)
      .weigher((VersionKey key, Parsed parsed) -> parsed.size())
      .build();

  private record VersionKey(ResourceKey key, long version) {}

  /** @param version business version of the code system */
  private record Parsed(Concepts concepts, @Nullable String version, int size) {}

  StoredDefinitions(
      SearchTables tables,
      DefinitionSetTable sets,
      SearchParameters parameters,
      ServedTypes types,
      FhirContext context,
      FhirSettings settings) {
    this.tables = tables;
    this.sets = sets;
    this.parameters = parameters;
    this.types = types;
    this.context = context;
    this.settings = settings;
  }

  @Override
  public Optional<ValueSet> valueSet(String url, @Nullable String version) {
    return newest(
        "ValueSet",
        url,
        stored -> parsed(stored, ValueSet.class),
        set -> version == null || version.equals(set.getVersion()));
  }

  @Override
  public Optional<Concepts> codeSystem(String url, @Nullable String version) {
    return newest(
            "CodeSystem",
            url,
            this::concepts,
            parsed -> version == null || version.equals(parsed.version()))
        .map(Parsed::concepts);
  }

  /** The definition that was written last, of those that will do. */
  private <T> Optional<T> newest(
      String type, String url, Function<StoredVersion, T> read, Predicate<T> willDo) {
    return stored(type, url).stream()
        .sorted(Comparator.comparing(StoredVersion::lastUpdated).reversed())
        .map(read)
        .filter(willDo)
        .findFirst();
  }

  @Override
  public boolean incomplete() {
    return sets.incomplete();
  }

  private Collection<StoredVersion> stored(String type, String url) {
    if (!types.serves(type)) {
      return List.of();
    }
    Optional<ResourceKey> local =
        url.startsWith(type + "/") ? ResourceKey.ofReference(url) : Optional.empty();
    Parameter byUrl = parameters.of(type).get("url");
    if (local.isPresent() || byUrl == null) {
      return tables.current(local.stream().toList());
    }
    return tables.byTokens(
        List.of(url), List.of((long) byUrl.number()), MOST, settings.searchTimeout());
  }

  private Parsed concepts(StoredVersion stored) {
    return Objects.requireNonNull(concepts.get(
        new VersionKey(stored.key(), stored.version()), missing -> {
          CodeSystem system = parsed(stored, CodeSystem.class);
          return new Parsed(Concepts.of(system), system.getVersion(), stored.content().length);
        }));
  }

  private <T extends MetadataResource> T parsed(StoredVersion stored, Class<T> kind) {
    return kind.cast(
        context.newJsonParser().parseResource(new ByteArrayInputStream(stored.content())));
  }
}
