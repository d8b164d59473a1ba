package org.botoxfhir.resource;

import java.util.List;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Resource;

/**
 * Looks at what a client writes before it is stored. Asked once for each resource of a write, however it comes in, for a patch with what
 * it makes of the current version; outside the transaction wherever the content is known before. Not asked for what the service itself
 * writes: derived records and the definitions that it ships.
 */
public interface WriteCheck {
  /**
   * What there is to say of a resource. It neither changes the resource nor reads what is stored.
   *
   * @param lenient whether the write is taken whatever is found, so that no time must be lost over it either
   * @return findings about elements of the resource; one of severity error refuses the write unless it is lenient
   */
  List<Finding> check(ResourceKey key, Resource resource, boolean lenient);
}
