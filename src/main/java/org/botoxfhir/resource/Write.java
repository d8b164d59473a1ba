package org.botoxfhir.resource;

import java.util.Optional;
import java.util.function.Function;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** One change that is asked for. Its resource is given away: whoever passes it on may set id and meta in it. */
public sealed interface Write {
  ResourceKey key();

  /** The content to store; null for a deletion, and for a patch, whose content only the current version tells. */
  default @Nullable Resource written() {
    return switch (this) {
      case Create create -> create.resource();
      case First first -> first.resource();
      case Update update -> update.resource();
      case Patch patch -> null;
      case Delete delete -> null;
    };
  }

  /**
   * A new resource. The key was drawn with {@link Resources#newKey}, so that others in the same transaction can refer to it.
   *
   * @param resource what to store; its id and {@code meta.versionId}, {@code meta.lastUpdated} are set by the store
   */
  record Create(ResourceKey key, Resource resource) implements Write {}

  /**
   * A new version, or the first one under an id that the client chose.
   *
   * @param expectedVersion version that must be the current one ({@code If-Match}), or null for any
   */
  record Update(
      ResourceKey key, Resource resource, @Nullable String expectedVersion) implements Write {}

  /** The first version under an id that the client chose, which must be free: never used, or deleted. */
  record First(ResourceKey key, Resource resource) implements Write {}

  /**
   * A change to the current version.
   *
   * @param change from the current version to the new content; asked again when another writer was faster
   * @param expectedVersion version that must be the current one ({@code If-Match}), or null for any
   */
  record Patch(
      ResourceKey key,
      Function<StoredVersion, Resource> change,
      @Nullable String expectedVersion) implements Write {

    /**
     * What the patch makes of the current version.
     *
     * @throws FaultException when there is none, or another than the expected
     */
    Update of(Optional<CurrentRow> current) {
      StoredVersion version = current
          .map(CurrentRow::version)
          .orElseThrow(() -> new FaultException(new Fault.NotFound(key)));
      String number = Long.toString(version.version());
      if (expectedVersion != null && !expectedVersion.equals(number)) {
        throw new FaultException(
            new Fault.VersionConflict(key, expectedVersion, version.version()));
      }
      if (version.deleted()) {
        throw new FaultException(new Fault.Gone(key, version.version()));
      }
      try {
        return new Update(key, change.apply(version), number);
      } catch (FaultException e) {
        throw e.fault() instanceof Fault.Refused(var findings)
            ? new FaultException(new Fault.Refused(
                findings.stream().map(finding -> finding.within(key)).toList()))
            : e;
      }
    }
  }

  /** A deletion, which is a version too. */
  record Delete(ResourceKey key, @Nullable String expectedVersion) implements Write {}
}
