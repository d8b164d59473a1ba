package org.botoxfhir.definition;

import ca.uhn.fhir.context.FhirContext;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.resource.WriteResult.Kind;
import org.botoxfhir.security.Access;
import org.hl7.fhir.r4.model.MetadataResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.stereotype.Component;

/**
 * Writes the shipped definitions into the store before the service listens, so that it is never ready without them. All in one
 * transaction; a definition that is there unchanged makes no new version, and one whose type is not served is left out.
 */
@Component
class DefinitionLoader implements SmartInitializingSingleton {
  private static final Logger LOG = LoggerFactory.getLogger(DefinitionLoader.class);
  /** An attempt loses only to another replica that starts at the same moment, which has then written all of them. */
  private static final int ATTEMPTS = 5;

  private final FhirContext fhir;
  private final Resources resources;
  private final ServedTypes types;

  DefinitionLoader(FhirContext fhir, Resources resources, ServedTypes types) {
    this.fhir = fhir;
    this.resources = resources;
    this.types = types;
  }

  @Override
  public void afterSingletonsInstantiated() {
    List<WriteResult> results = load();
    long changed =
        results.stream().filter(result -> result.kind() != Kind.UNCHANGED).count();
    LOG.info("{} shipped definitions, {} of them new or changed", results.size(), changed);
  }

  /** Writes all definitions, in the order of their keys, so that replicas that start together wait for each other. */
  List<WriteResult> load() {
    for (int attempt = 1; ; attempt++) {
      List<Write> writes = new ArrayList<>();
      for (MetadataResource definition :
          ShippedDefinitions.read(fhir, ShippedDefinitions.LOCATION)) {
        if (types.serves(definition.fhirType())) {
          writes.add(new Write.Update(ShippedDefinitions.key(definition), definition, null));
        }
      }
      try {
        return resources.transaction(Access.SERVICE, transaction -> transaction.write(writes));
      } catch (FaultException e) {
        if (!(e.fault() instanceof Fault.Contention) || attempt == ATTEMPTS) {
          throw new IllegalStateException(
              "the shipped definitions cannot be stored: " + e.fault(), e);
        }
      }
    }
  }
}
