package org.botoxfhir.resource;

import java.util.List;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.store.StoredVersion;

/**
 * What a write led to.
 *
 * @param kind what happened
 * @param version the version that is current now; number 0 when something was deleted that never was
 * @param findings warnings for the caller, in order
 */
public record WriteResult(Kind kind, StoredVersion version, List<Finding> findings) {

  /** What happened to the resource. */
  public enum Kind {
    CREATED,
    UPDATED,
    /** The content was the same already: no new version. */
    UNCHANGED,
    /** A conditional create found its resource: nothing was written. */
    EXISTED,
    DELETED
  }
}
