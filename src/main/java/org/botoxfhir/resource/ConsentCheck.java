package org.botoxfhir.resource;

import java.util.List;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.ConsentReader;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/**
 * Tells who writes a Consent what of it cannot be evaluated, and that more is denied instead. Never refuses one: a Consent that is not on file
 * protects nobody.
 */
@Component
final class ConsentCheck implements WriteCheck {
  @Override
  public List<Finding> check(ResourceKey key, Resource resource, boolean lenient) {
    return resource instanceof Consent consent ? ConsentReader.read(consent).findings() : List.of();
  }
}
