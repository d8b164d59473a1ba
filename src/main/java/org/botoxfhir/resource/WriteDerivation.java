package org.botoxfhir.resource;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.security.Access;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a write brings with it: further resources and events that commit with it or not at all. Asked for every write, however it
 * comes in: alone, in a bundle, as a create, an update, a deletion, or out of another derivation. Where several derivations are
 * there, those that only publish come first ({@link org.springframework.core.annotation.Order}).
 */
public interface WriteDerivation {

  /** Types of the resources that it may concern; versions of others are not read for it. */
  Set<String> types();

  /** Whether a change from or to this version is its business. Cheap and without I/O: it is asked on every write of its types. */
  boolean concerns(ResourceKey key, Resource version);

  /** Whether a write that it concerns is taken although it refers to what is not on file; the answer then warns. */
  boolean lenient();

  /**
   * Whether a resource is taken whatever a {@link WriteCheck} finds. More than what it {@link #concerns} where that depends on elements
   * that may be what is wrong.
   */
  default boolean spares(ResourceKey key, Resource resource) {
    return lenient() && concerns(key, resource);
  }

  /**
   * Search criteria under which a second create is the same create, e.g. {@code identifier=system|value}; such a create changes
   * nothing. Empty when every create is a new one, or none of its business.
   */
  Optional<String> identity(Resource resource);

  /** What the sender is told of a create that {@link #identity} found on file. */
  List<Finding> told(Resource stored);

  /**
   * The events that tell of a change, in order; empty when none does. Pure: {@link #derive} publishes exactly these, and whoever
   * compares the store with a topic asks again, version by version, also of resources that another derivation wrote.
   */
  List<EventIdentity> events(Change change);

  /**
   * Called inside the transaction, after all writes of it that concern no derivation, and before the version is stored. What it
   * returns is dropped when the version turns out to be the same as the one before.
   *
   * @param change what the write does; the derivation may change its resource
   */
  Derived derive(Access access, Change change, InWrite onFile);

  /**
   * @param writes resources to store beside the write itself
   * @param events appended to the outbox in the same transaction
   * @param findings warnings for the caller
   */
  record Derived(List<Write> writes, List<NewEvent> events, List<Finding> findings) {}

  /** Reads of what is stored. */
  interface OnFile {
    /** The current version, unless there is none or it is deleted. */
    Optional<StoredRecord> read(ResourceKey key);

    /** What each of several searches finds, in one round trip. */
    List<Found> search(List<Search> searches);

    /** What one search finds. */
    default Found search(Search search) {
      return search(List.of(search)).getFirst();
    }
  }

  /**
   * A search for one page.
   *
   * @param query as in a URL, e.g. {@code patient=Patient/1&_sort=-date&_count=5}; values percent-encoded where needed
   */
  record Search(String type, String query) {}

  /**
   * What a search found.
   *
   * @param more whether there are more than these
   */
  record Found(List<StoredRecord> records, boolean more) {
    public Found {
      records = List.copyOf(records);
    }
  }

  /**
   * A resource as it is stored. Whoever looks at a few elements of many records reads them from the tree: to build the model of FHIR
   * would cost several times as much.
   *
   * @param json the resource; valid R4
   */
  record StoredRecord(ResourceKey key, JsonNode json) {}

  /** Reads within the transaction of the write, which see what it has written so far. */
  interface InWrite extends OnFile {
    /**
     * What has become of the records that earlier versions of the resource led to, without those that never were. Nobody else can
     * write them until the transaction ends. One round trip; none for a create under a new id, which nothing was derived from.
     *
     * @param keys keys that only this derivation gives away, made from the key of the resource
     */
    Map<ResourceKey, Standing> lock(Collection<ResourceKey> keys);
  }

  /**
   * @param resource the current version; null when it is deleted
   * @param untouched whether the current version, or its deletion, is a derivation's; false as soon as somebody else has written one
   */
  record Standing(@Nullable Resource resource, boolean untouched) {}
}
