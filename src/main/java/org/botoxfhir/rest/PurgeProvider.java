package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.IResourceProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Erasures;
import org.botoxfhir.resource.Erasures.Export;
import org.botoxfhir.resource.Erasures.Outcome;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Patient;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * {@code $purge} of a Patient, and {@code $purge-export} without which it does nothing; {@code
 * fhir-profiles/OperationDefinition-purge.json} and {@code -purge-export.json} describe them.
 */
@Component
final class PurgeProvider implements IResourceProvider {
  static final String TYPE = "Patient";

  /** Of the identifier of a whole export. */
  private static final String CONFIRMATIONS = Canonical.BASE + "/purge-confirmation";

  private static final String CONFIRMATION = "confirmation";
  private static final String LEAVE_REFERENCES = "leaveReferences";
  private static final String COUNT = "_count";

  private final Erasures erasures;
  private final PageLinks links;
  private final FhirSettings settings;

  PurgeProvider(Erasures erasures, PageLinks links, FhirSettings settings) {
    this.erasures = erasures;
    this.links = links;
    this.settings = settings;
  }

  @Override
  public Class<? extends IBaseResource> getResourceType() {
    return Patient.class;
  }

  /** A page of what would be erased, as a history; the last one says how to confirm that it was received. */
  @Operation(name = "$purge-export", idempotent = true)
  public Bundle export(
      @IdParam IdType id, @ResourceParam @Nullable IBaseResource body, RequestDetails request) {
    ResourceKey patient = ReadOnlyProvider.key(TYPE, id);
    var parameters = OperationParameters.read(
        "Patient/$purge-export", Set.of(COUNT, PageLinks.CURSOR), Set.of(), body, request);
    List<Used> used =
        parameters.texts(COUNT).stream().map(count -> new Used(COUNT, count)).toList();
    int count = used.isEmpty()
        ? settings.defaultCount()
        : Math.max(1, HistoryQuery.count(used.getFirst(), settings));
    List<Used> given = parameters.texts(PageLinks.CURSOR).stream()
        .map(cursor -> new Used(PageLinks.CURSOR, cursor))
        .toList();
    String path = patient + "/$purge-export";
    Position after = links.position(path, used, given);
    Export page = erasures.export(ReadOnlyProvider.access(request), patient, count, after);
    String base = request.getFhirServerBase();
    var json = new BundleJson(
        "history", page.total(), links.of(base, path, used, after, null, page.next()));
    if (page.confirmation() != null) {
      json.identifier(CONFIRMATIONS, page.confirmation());
    }
    page.entries().forEach(entry -> json.version(base, entry));
    return json.bundle();
  }

  /** R6 patient-operation-purge.html, but for the confirmation. */
  @Operation(name = "$purge")
  public OperationOutcome purge(
      @IdParam IdType id, @ResourceParam @Nullable IBaseResource body, RequestDetails request) {
    ResourceKey patient = ReadOnlyProvider.key(TYPE, id);
    var parameters = OperationParameters.read(
        "Patient/$purge", Set.of(CONFIRMATION, LEAVE_REFERENCES), Set.of(), body, request);
    String confirmation = parameters
        .text(CONFIRMATION)
        .orElseThrow(() -> new FaultException(Fault.invalid(
            "required",
            "nothing is erased that was not exported: GET %s/$purge-export to its last page, and send the identifier of that as '%s'"
                .formatted(patient, CONFIRMATION),
            null)));
    Outcome outcome = erasures.erase(
        ReadOnlyProvider.access(request), patient, confirmation, parameters.flag(LEAVE_REFERENCES));
    return FaultAnswers.outcome(
        switch (outcome) {
          case Outcome.ErasedBefore(var left, var at) ->
            List.of(information("the record of %s was erased at %s, and nothing came since"
                .formatted(patient, at)));
          case Outcome.Erased erased -> {
            if (erased.patient() != null) {
              Trails.of(request).deleted(erased.patient());
            }
            yield told(patient, erased);
          }
        });
  }

  private static List<Finding> told(ResourceKey patient, Outcome.Erased erased) {
    List<Finding> findings = new ArrayList<>();
    findings.add(information(
        "the record of %s is erased: %d resources with %d versions, %d events that were kept for replay; it cannot be brought back"
            .formatted(patient, erased.resources(), erased.versions(), erased.published())));
    findings.add(information(
        "the topics hold the events of this patient under the key %s until their retention ends; whoever keeps copies has to delete them"
            .formatted(erased.key())));
    if (erased.parked() > 0) {
      findings.add(Finding.warning(
          "informational",
          "%d events among them were never published, so nobody was alerted by them; the export has the records that they told of"
              .formatted(erased.parked()),
          null));
    }
    if (!erased.outside().isEmpty()) {
      findings.add(Finding.warning(
          "informational", "these still refer to it: " + Erasures.names(erased.outside()), null));
    }
    return findings;
  }

  private static Finding information(String text) {
    return Finding.information("informational", text, null);
  }
}
