package org.botoxfhir.resource;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.security.Access;
import org.hl7.fhir.r4.model.Resource;

/**
 * What a write brings with it: further resources and events that commit with it or not at all. Asked for every write, however it
 * comes in: alone, in a bundle, as a create or an update.
 */
public interface WriteDerivation {

  /** Whether {@link #derive} has anything to say of this resource. Cheap and without I/O: it is asked on every write. */
  boolean concerns(Resource resource);

  /**
   * Search criteria under which a second create is the same create, e.g. {@code identifier=system|value}; such a create changes
   * nothing. Empty when every create is a new one. Asked only of resources that it {@link #concerns}.
   */
  Optional<String> identity(Resource resource);

  /**
   * Called inside the transaction, after all writes of it that concern no derivation, and before this one is stored.
   *
   * @param write the write; the derivation may change its resource
   * @param version the version that the write will make
   * @param onFile reads what is stored, including what this transaction has written so far
   */
  Derived derive(Access access, Write write, long version, OnFile onFile);

  /**
   * @param writes resources to store beside the write itself; no derivation is asked about them
   * @param events appended to the outbox in the same transaction
   * @param findings warnings for the caller
   */
  record Derived(List<Write> writes, List<NewEvent> events, List<Finding> findings) {}

  /** Reads within the transaction of the write. */
  interface OnFile {
    /** The current version, unless there is none or it is deleted. */
    Optional<Resource> read(ResourceKey key);

    /**
     * What a search finds, parsed; at most one page.
     *
     * @param query as in a URL, e.g. {@code patient=Patient/1&_sort=-date&_count=5}; values percent-encoded where needed
     */
    List<Resource> search(String type, String query);
  }
}
