package org.botoxfhir.bundle;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.patch.Patches;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.security.Access;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Provenance;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Carries out R4 transaction and batch bundles. */
@Component
public class Bundles {
  private final Resources resources;
  private final Patches patches;
  private final ServedTypes types;
  private final FhirSettings settings;

  Bundles(Resources resources, Patches patches, ServedTypes types, FhirSettings settings) {
    this.resources = resources;
    this.patches = patches;
    this.types = types;
    this.settings = settings;
  }

  /**
   * Carries out a transaction, all of it or nothing, or a batch, each entry alone.
   *
   * @param request given away: links in its resources are rewritten
   * @param reads carries out its reads
   * @param provenance where what a transaction writes comes from, without targets; null when the client does not say
   * @return one answer for each entry, in the order of the request; {@link EntryAnswer.Failed} only for a batch
   * @throws FaultException when the bundle is neither, or too large, or its transaction cannot be carried out: nothing is stored then.
   *     Findings name the entry.
   */
  public List<EntryAnswer> execute(
      Access access, Bundle request, Reads reads, @Nullable Provenance provenance) {
    if (request.getEntry().size() > settings.maxBundleEntries()) {
      throw new FaultException(
          new Fault.TooManyEntries(request.getEntry().size(), settings.maxBundleEntries()));
    }
    if (request.getType() == BundleType.TRANSACTION) {
      return TransactionBundle.execute(
          provenance == null ? resources : resources.with(provenance),
          access,
          reader().readAll(request),
          reads);
    }
    if (request.getType() == BundleType.BATCH) {
      if (provenance != null) {
        throw new FaultException(Fault.invalid(
            "not-supported",
            "X-Provenance is of one request, and each entry of a batch is one; send a transaction, or a Provenance as an entry",
            null));
      }
      return new BatchBundle(resources, access, reads).execute(request, this::reader);
    }
    String type =
        request.getType() == null ? "missing" : "'" + request.getType().toCode() + "'";
    throw new FaultException(Fault.refused(
        "not-supported",
        "Bundle.type is %s; send 'transaction' or 'batch', with a request in each entry"
            .formatted(type),
        "Bundle.type"));
  }

  private EntryReader reader() {
    return new EntryReader(
        this::identity,
        patches,
        type -> type.equals(ServedTypes.AUDIT) || (types.serves(type) && !types.writable(type)));
  }

  private Optional<String> identity(Resource resource) {
    return resources.identity(resource).map(criteria -> resource.fhirType() + "?" + criteria);
  }
}
