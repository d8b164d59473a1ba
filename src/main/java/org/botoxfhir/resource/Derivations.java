package org.botoxfhir.resource;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The derivations that are there, and which of them a write concerns. */
@Component
final class Derivations {
  private final List<WriteDerivation> all;
  private final Json json;

  Derivations(List<WriteDerivation> all, Json json) {
    this.all = List.copyOf(all);
    this.json = json;
  }

  /** In the order in which they are carried out. */
  List<WriteDerivation> all() {
    return all;
  }

  /** {@link Resources#identity}. */
  Optional<String> identity(Resource resource) {
    return all.stream()
        .filter(derivation -> derivation.types().contains(resource.fhirType()))
        .map(derivation -> derivation.identity(resource))
        .flatMap(Optional::stream)
        .findFirst();
  }

  /** What the sender of a create is told that found this version on file. */
  List<Finding> told(StoredVersion version) {
    return all.stream()
        .filter(derivation -> derivation.types().contains(version.key().type()))
        .flatMap(derivation -> derivation.told(json.parse(version)).stream())
        .toList();
  }

  /** The one that a change to this version concerns. */
  Optional<WriteDerivation> concernedBy(ResourceKey key, @Nullable Resource version) {
    return version == null
        ? Optional.empty()
        : all.stream()
            .filter(d -> d.types().contains(key.type()) && d.concerns(key, version))
            .findFirst();
  }

  /** Whether any of them has the resource taken whatever is wrong with it. */
  boolean spare(ResourceKey key, Resource resource) {
    return all.stream().anyMatch(d -> d.types().contains(key.type()) && d.spares(key, resource));
  }

  /** The one that a change from or to this version concerns. */
  Optional<WriteDerivation> concernedBy(Change change) {
    return concernedBy(change.key(), change.after())
        .or(() -> concernedBy(change.key(), change.before()));
  }

  /** The version that a write replaces, if any derivation may want to know. */
  @Nullable
  Resource before(ResourceKey key, Optional<CurrentRow> current) {
    boolean asked = all.stream().anyMatch(d -> d.types().contains(key.type()));
    return current
        .map(CurrentRow::version)
        .filter(version -> asked)
        .flatMap(json::resource)
        .orElse(null);
  }
}
