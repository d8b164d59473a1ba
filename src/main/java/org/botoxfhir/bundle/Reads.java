package org.botoxfhir.bundle;

import java.util.List;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;

/** Carries out the reads, searches and other GET interactions of a bundle, as if each came alone. */
@FunctionalInterface
public interface Reads {

  /**
   * @throws org.botoxfhir.fault.FaultException as the interaction does
   */
  Found read(Request request);

  /**
   * @param url relative to the base, with its parameters
   * @param withBody whether the body is wanted: GET, not HEAD
   */
  record Request(
      String url,
      boolean withBody,
      @Nullable String ifNoneMatch,
      @Nullable String ifModifiedSince) {}

  /**
   * @param notModified whether the client has it already (304)
   * @param version what was read; null for a search or history
   * @param body JSON in pieces, to be written one after the other
   */
  record Found(boolean notModified, @Nullable StoredVersion version, List<byte[]> body) {}
}
