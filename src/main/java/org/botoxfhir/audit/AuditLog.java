package org.botoxfhir.audit;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Permission;
import org.hl7.fhir.r4.model.AuditEvent;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.QueryTimeoutException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.TransactionException;

/** Takes the events of requests and gives them out to auditors. */
@Service
public class AuditLog {
  private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
  private static final int SERVER_FAILURE = 500;

  private final AuditWriter writer;
  private final AuditTable table;
  private final AuditSettings settings;
  private final FhirSettings fhir;
  private final Counter withheld;
  private final Counter given;

  AuditLog(
      AuditWriter writer,
      AuditTable table,
      AuditSettings settings,
      FhirSettings fhir,
      MeterRegistry metrics) {
    this.writer = writer;
    this.table = table;
    this.settings = settings;
    this.fhir = fhir;
    this.withheld = gaps(metrics, "withheld");
    this.given = gaps(metrics, "given");
    if (!settings.enabled()) {
      LOG.warn("NO ACCESS IS PUT ON RECORD: botox.audit.enabled is false");
    }
  }

  private static Counter gaps(MeterRegistry metrics, String answer) {
    return Counter.builder("botox.audit.gaps")
        .description("Requests whose audit event could not be put on record")
        .tag("answer", answer)
        .register(metrics);
  }

  /** A request has come that {@link #write} will be called for, exactly once. */
  public void expect() {
    if (settings.enabled()) {
      writer.expect();
    }
  }

  /**
   * Puts a request on record and returns once that is committed.
   *
   * @param status of the answer that is about to be given
   * @throws FaultException with {@link Fault.AuditUnavailable} when it cannot be, unless the answer is to be given anyway
   */
  public void write(AuditTrail trail, int status) {
    if (!settings.enabled()) {
      return;
    }
    try {
      writer.write(record(trail, status));
    } catch (DataAccessException | TransactionException away) {
      boolean answered = trail.answeredAnyway() && status < SERVER_FAILURE;
      (answered ? given : withheld).increment();
      LOG.error(
          "a request is not on record, its answer is {}: {}",
          answered ? "given, since it tells a patient what to do" : "withheld",
          away.getClass().getSimpleName());
      if (!answered) {
        throw new FaultException(new Fault.AuditUnavailable());
      }
    }
  }

  private AuditRecord record(AuditTrail trail, int status) {
    try {
      return trail.record(status);
    } catch (RuntimeException | Error failed) {
      writer.forget(); // or every batch from now on would wait for it
      throw failed;
    }
  }

  /**
   * Lets only auditors pass.
   *
   * @throws FaultException with {@link Fault.Forbidden}
   */
  public void requireAuditor(Access access, Permission permission) {
    Auditors.require(access, permission);
  }

  /** One event. @param id logical id */
  public Optional<AuditEvent> read(String id) {
    try {
      UUID uuid = UUID.fromString(id);
      return uuid.version() == 7 && uuid.toString().equals(id)
          ? table.read(uuid).map(AuditEvents::of)
          : Optional.empty();
    } catch (IllegalArgumentException noUuid) {
      return Optional.empty(); // no event has such an id
    }
  }

  /**
   * A page of a search.
   *
   * @param next id of the last event of this page, behind which the next begins; null when there is none
   * @param total number of all matches, if it was asked for or is known for little
   */
  public record Page(List<AuditEvent> events, @Nullable String next, OptionalLong total) {}

  /**
   * Events, newest first.
   *
   * @param after what {@link Page#next} said; null for the first page
   * @throws FaultException with {@link Fault.Invalid} when a parameter is not understood, {@link Fault.SearchTimeout} when it takes too
   *     long
   */
  public Page search(List<Used> given, @Nullable String after) {
    AuditQuery query = AuditQueryReader.read(given, fhir);
    try {
      List<RecordedEvent> found = query.count() == 0
          ? List.of()
          : table.find(
              query,
              after == null ? null : UUID.fromString(after),
              query.count() + 1,
              fhir.searchTimeout());
      boolean more = found.size() > query.count();
      List<RecordedEvent> page = more ? found.subList(0, query.count()) : found;
      OptionalLong total = after == null && !more && query.count() > 0
          ? OptionalLong.of(page.size())
          : query.total() || query.count() == 0
              ? OptionalLong.of(table.count(query, fhir.searchTimeout()))
              : OptionalLong.empty();
      return new Page(
          page.stream().map(AuditEvents::of).toList(),
          more ? page.getLast().id().toString() : null,
          total);
    } catch (QueryTimeoutException timeout) {
      throw new FaultException(new Fault.SearchTimeout(fhir.searchTimeout()));
    }
  }
}
