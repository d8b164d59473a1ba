package org.botoxfhir.patch;

import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Resource;

/** A change to a resource that is told by its steps. All of them are carried out, or none. */
@FunctionalInterface
public interface Patch {

  /**
   * What the patch makes of a resource.
   *
   * @param content its JSON, with its id
   * @throws org.botoxfhir.fault.FaultException {@link org.botoxfhir.fault.Fault.Refused} when a step does not apply, or what comes out
   *     is no resource of the same type and id
   */
  Resource apply(ResourceKey key, byte[] content);
}
