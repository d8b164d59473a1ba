package org.botoxfhir.resource;

import java.util.List;
import java.util.stream.Stream;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.store.StoredVersion;

/**
 * What a write led to.
 *
 * @param kind what happened
 * @param version the version that is current now; number 0 when something was deleted that never was
 * @param findings warnings for the caller and what else to tell, in order
 */
public record WriteResult(Kind kind, StoredVersion version, List<Finding> findings) {

  /** Whether the caller has to be told more than that it is stored and what is doubtful: what a patient should do now. */
  public boolean hasMoreToSay() {
    return findings.stream().anyMatch(one -> one.severity() == Finding.Severity.INFORMATION);
  }

  /** The same, with what there was to say before. */
  WriteResult after(List<Finding> earlier) {
    return earlier.isEmpty()
        ? this
        : new WriteResult(
            kind, version, Stream.concat(earlier.stream(), findings.stream()).toList());
  }

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
