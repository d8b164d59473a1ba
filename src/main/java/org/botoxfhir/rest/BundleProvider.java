package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.annotation.Transaction;
import ca.uhn.fhir.rest.annotation.TransactionParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.audit.AuditTrail;
import org.botoxfhir.bundle.Bundles;
import org.botoxfhir.bundle.EntryAnswer;
import org.botoxfhir.bundle.Reads;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.rest.Preferences.Returned;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.instance.model.api.IBaseOperationOutcome;
import org.hl7.fhir.r4.model.Bundle;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Component;

/** Transaction and batch bundles at the base. */
@Component
final class BundleProvider {
  private final Bundles bundles;
  private final FhirContext context;
  private final RequestChecks checks;
  private final StoredAnswers answers;
  private final FaultAnswers faults;
  private final Provenances provenances;

  BundleProvider(
      Bundles bundles,
      FhirContext context,
      RequestChecks checks,
      StoredAnswers answers,
      FaultAnswers faults,
      Provenances provenances) {
    this.bundles = bundles;
    this.context = context;
    this.checks = checks;
    this.answers = answers;
    this.faults = faults;
    this.provenances = provenances;
  }

  /** R4 http.html#transaction, both kinds. */
  @Transaction
  public Bundle execute(@TransactionParam Bundle request, RequestDetails details) {
    AuditTrail trail = Trails.of(details);
    if (request.getType() == Bundle.BundleType.BATCH) {
      trail.isBatch();
    }
    List<String> asked = request.getEntry().stream()
        .map(entry -> entry.getRequest())
        .map(one -> "%s %s".formatted(one.getMethod(), one.getUrl()))
        .toList();
    List<EntryAnswer> entries = execute(request, asked, details);
    BundleJson json = new BundleJson(request.getType().toCode() + "-response");
    Preferences preferences = Preferences.of(details);
    preferences.returnedAsPreferred(details);
    boolean representation = preferences.prefers(Returned.REPRESENTATION);
    boolean outcome = preferences.prefers(Returned.OPERATION_OUTCOME);
    for (int i = 0; i < entries.size(); i++) {
      switch (entries.get(i)) {
        case EntryAnswer.Written written -> {
          Trails.wrote(details, written.result());
          if (written.moreToSay()) {
            trail.isAnsweredAnyway();
          }
          written(json, written, representation, outcome);
        }
        case EntryAnswer.Deleted(var deleted) -> {
          deleted.forEach(one -> Trails.wrote(details, one));
          json.answered(
              status(200),
              null,
              false,
              List.of(),
              outcome(List.of(Finding.information(
                  "informational", "%d deleted".formatted(deleted.size()), null))));
        }
        case EntryAnswer.Found(var read, var found) -> {
          if (found.version() == null) {
            trail.asked(asked.get(i)); // what was read by its name has noted itself
          }
          found(json, found);
        }
        case EntryAnswer.Failed(var why) -> {
          int status = failed(json, why, details);
          trail.refused(status + " " + asked.get(i));
        }
      }
    }
    return json.bundle();
  }

  private List<EntryAnswer> execute(Bundle request, List<String> asked, RequestDetails details) {
    try {
      return bundles.execute(
          ReadOnlyProvider.access(details),
          request,
          new BundleReads(details, checks, answers),
          provenances.of(details).orElse(null));
    } catch (RuntimeException refused) {
      asked.forEach(Trails.of(details)::refused);
      throw refused;
    }
  }

  private void written(
      BundleJson json, EntryAnswer.Written written, boolean representation, boolean outcome) {
    WriteResult result = written.result();
    StoredVersion version = result.version();
    List<Finding> findings = new ArrayList<>(written.findings());
    findings.addAll(outcome ? ReadWriteProvider.told(result) : result.findings());
    boolean withResource =
        !version.deleted() && (representation || (written.moreToSay() && !outcome));
    json.answered(
        status(
            switch (result.kind()) {
              case CREATED -> 201;
              case UPDATED, UNCHANGED, EXISTED -> 200;
              case DELETED -> 204;
            }),
        version,
        !version.deleted(),
        withResource ? List.of(version.content()) : List.of(),
        findings.isEmpty() ? null : outcome(findings));
  }

  private static void found(BundleJson json, Reads.Found found) {
    json.answered(
        status(found.notModified() ? 304 : 200), found.version(), false, found.body(), null);
  }

  /** @return the status of the entry */
  private int failed(BundleJson json, RuntimeException why, RequestDetails details) {
    BaseServerResponseException answer = faults.answerEntry(why, (ServletRequestDetails) details);
    IBaseOperationOutcome outcome = answer.getOperationOutcome();
    json.answered(
        status(answer.getStatusCode()),
        null,
        false,
        List.of(),
        outcome == null ? null : context.newJsonParser().encodeResourceToString(outcome));
    return answer.getStatusCode();
  }

  private String outcome(List<Finding> findings) {
    return context.newJsonParser().encodeResourceToString(FaultAnswers.outcome(findings));
  }

  private static String status(int code) {
    @Nullable HttpStatus known = HttpStatus.resolve(code);
    return known == null ? Integer.toString(code) : code + " " + known.getReasonPhrase();
  }
}
