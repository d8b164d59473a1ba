package org.botoxfhir.bundle;

import java.util.List;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** Carries out what a bundle asks for beside writes of resources, such as reads, searches and operations, as if each came alone. */
@FunctionalInterface
public interface Reads {

  /**
   * @throws org.botoxfhir.fault.FaultException as the interaction does
   */
  Found read(Request request);

  /** How it is asked. */
  enum Method {
    GET,
    HEAD,
    /** Of an operation. */
    POST
  }

  /**
   * @param url relative to the base, with its parameters
   * @param body what a POST sends; null for nothing
   */
  record Request(
      String url,
      Method method,
      @Nullable Resource body,
      @Nullable String ifNoneMatch,
      @Nullable String ifModifiedSince) {

    /** Whether the body of the answer is wanted. */
    public boolean withBody() {
      return method != Method.HEAD;
    }
  }

  /**
   * @param notModified whether the client has it already (304)
   * @param version what was read; null for a search, history or operation
   * @param body JSON in pieces, to be written one after the other
   */
  record Found(boolean notModified, @Nullable StoredVersion version, List<byte[]> body) {}
}
