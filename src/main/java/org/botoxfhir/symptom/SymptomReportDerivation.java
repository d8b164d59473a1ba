package org.botoxfhir.symptom;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.resource.Change;
import org.botoxfhir.resource.EventIdentity;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteDerivation;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PatientPseudonym;
import org.botoxfhir.trace.Traces;
import org.botoxfhir.triage.Urgency;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseStatus;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;

/**
 * What a symptom report brings with it: an Observation per symptom, the urgency and what the patient should do now, a candidate
 * AdverseEvent where it is due, and the event. Refuses no report: what is missing or not understood becomes a warning.
 */
@Component
@Order(2)
class SymptomReportDerivation implements WriteDerivation {
  /** What a report is derived into, and what is looked up for it. */
  private static final List<String> NEEDED_TYPES = List.of(
      "Observation",
      "AdverseEvent",
      "Patient",
      "Condition",
      "Procedure",
      "MedicationAdministration",
      "Medication");

  private final Assessor assessor;
  private final PatientPseudonym pseudonym;
  private final InstantSource clock;
  private final MeterRegistry metrics;

  /** Whether it is stored that a derived record is one; the type need not be served. */
  private final boolean withProvenance;

  /** Refuses to start where a report would later be refused because of a type that it needs. */
  @Autowired
  SymptomReportDerivation(
      PatientPseudonym pseudonym, MeterRegistry metrics, Traces traces, ServedTypes types) {
    this(pseudonym, metrics, traces, InstantSource.system(), types.serves("Provenance"));
    List<String> missing =
        NEEDED_TYPES.stream().filter(type -> !types.serves(type)).toList();
    List<String> reports =
        Stream.of("QuestionnaireResponse", "Observation").filter(types::serves).toList();
    if (!reports.isEmpty() && !missing.isEmpty()) {
      throw new IllegalStateException(
          "botox.fhir.types serves %1$s without %2$s, which a symptom report needs: add them, or leave %1$s out"
              .formatted(String.join(" and ", reports), String.join(", ", missing)));
    }
  }

  SymptomReportDerivation(
      PatientPseudonym pseudonym,
      MeterRegistry metrics,
      Traces traces,
      InstantSource clock,
      boolean withProvenance) {
    this.pseudonym = pseudonym;
    this.clock = clock;
    this.metrics = metrics;
    this.withProvenance = withProvenance;
    Timer triageTime = Timer.builder("botox.symptom.triage")
        .description("Time to find the urgency of a symptom report from its facts")
        .register(metrics);
    this.assessor =
        new Assessor(clock, triage -> traces.step("triage", () -> triageTime.record(triage)));
    // Each urgency is there from the start, so that a first emergency shows as a rise.
    for (Urgency urgency : Urgency.values()) {
      count(urgency, 0);
    }
  }

  @Override
  public Set<String> types() {
    return Set.of("QuestionnaireResponse", "Observation");
  }

  /** Also what was never sent, or is taken back, and carries a result that is not its own: it goes. */
  @Override
  public boolean concerns(ResourceKey key, Resource version) {
    return ReportRecord.sent(key, version).isPresent()
        || (version instanceof DomainResource record && TriageResultExtension.isIn(record));
  }

  @Override
  public boolean lenient() {
    return true;
  }

  /** Drafts too, and reports of which not even the status is right. */
  @Override
  public boolean spares(ResourceKey key, Resource resource) {
    return switch (resource) {
      case QuestionnaireResponse response -> QuestionnaireReport.isSymptomReport(response);
      case Observation observation -> ObservationReport.hasProfile(observation);
      default -> false;
    };
  }

  /**
   * The same identifier for the same subject, among reports that were sent: a draft of the same report on file must not swallow it, nor
   * must another patient's report whose app numbers its reports from one, nor an answer to another questionnaire or a measurement. A
   * report that was amended since counts as sent, so that a late repetition of the first version does not bring it back.
   */
  @Override
  public Optional<String> identity(Resource resource) {
    return switch (resource) {
      case QuestionnaireResponse response
      when QuestionnaireReport.isSymptomReport(response) -> identity(response);
      case Observation observation
      when ObservationReport.hasProfile(observation) -> identity(observation);
      default -> Optional.empty();
    };
  }

  private static Optional<String> identity(QuestionnaireResponse response) {
    QuestionnaireResponseStatus status = response.getStatus();
    boolean sent = QuestionnaireReport.SENT.contains(status)
        || status == QuestionnaireResponseStatus.ENTEREDINERROR;
    return !sent || !response.getIdentifier().hasValue()
        ? Optional.empty()
        : Optional.of("identifier=%s%s&questionnaire=%s&status=%s"
            .formatted(
                token(response.getIdentifier()),
                subject(response.getSubject()),
                PatientHistoryReader.encoded(Canonical.SYMPTOM_REPORT),
                status == QuestionnaireResponseStatus.COMPLETED
                    ? "completed,amended,entered-in-error"
                    : "amended,entered-in-error"));
  }

  private static Optional<String> identity(Observation observation) {
    String tokens = observation.getIdentifier().stream()
        .filter(Identifier::hasValue)
        .map(SymptomReportDerivation::token)
        .collect(Collectors.joining(","));
    return tokens.isEmpty()
        ? Optional.empty()
        : Optional.of("identifier=%s%s&category=%s%s"
            .formatted(
                tokens,
                subject(observation.getSubject()),
                PatientHistoryReader.token(
                    SymptomObservation.CATEGORIES, SymptomObservation.SURVEY),
                "&status=registered,preliminary,final,amended,corrected,unknown,entered-in-error"));
  }

  private static String token(Identifier identifier) {
    return PatientHistoryReader.token(identifier.getSystem(), identifier.getValue());
  }

  private static String subject(Reference subject) {
    return Optional.ofNullable(subject.getReference())
        .flatMap(ResourceKey::ofReference)
        .map(key -> "&subject=" + key)
        .orElse("");
  }

  /** Whoever sends a report again wants to know what to do no less than at first. */
  @Override
  public List<Finding> told(Resource stored) {
    return stored instanceof DomainResource report
        ? TriageResultExtension.instruction(report).stream()
            .map(now -> Finding.information("informational", now, null))
            .toList()
        : List.of();
  }

  @Override
  public List<EventIdentity> events(Change change) {
    return Telling.of(before(change), after(change), SymptomReportDerivation::owner).stream()
        .map(telling -> identity(change, telling))
        .toList();
  }

  @Override
  public Derived derive(Access access, Change change, InWrite onFile) {
    return new Derivation(access, change, onFile).run();
  }

  private void count(Urgency urgency, int reports) {
    Counter.builder("botox.symptom.reports")
        .description("Symptom reports triaged, those whose transaction then rolled back included")
        .tag("urgency", urgency.code())
        .register(metrics)
        .increment(reports);
  }

  private static Optional<ReportRecord> before(Change change) {
    return ReportRecord.sent(change.key(), change.before());
  }

  private static Optional<ReportRecord> after(Change change) {
    return ReportRecord.sent(change.key(), change.after());
  }

  private EventIdentity identity(Change change, Telling<ReportRecord> telling) {
    return SymptomReportEvent.identity(
        telling.kind(), change.key(), change.version(), pseudonym.of(telling.owner()));
  }

  private static String owner(ReportRecord report) {
    return EventJson.owner(report.subject(), report.key());
  }

  /** One change of one report. */
  private final class Derivation {
    private final Access access;
    private final Change change;
    private final Optional<ReportRecord> before;
    private final Optional<ReportRecord> after;
    private final InWrite onFile;
    private final List<Write> writes = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    private Derivation(Access access, Change change, InWrite onFile) {
      this.access = access;
      this.change = change;
      this.before = before(change);
      this.after = after(change);
      this.onFile = onFile;
    }

    private Derived run() {
      Assessment now = after.map(this::triage).orElse(null);
      if (now == null && change.after() instanceof DomainResource withdrawn) {
        TriageResultExtension.remove(withdrawn);
      }
      List<ResourceKey> earlier = before.map(r -> r.observations(r.read())).orElse(List.of());
      ResourceKey candidate = DerivedIds.adverseEvent(change.key());
      Set<ResourceKey> keys = new LinkedHashSet<>(earlier);
      keys.add(candidate);
      ResourceKey provenance = DerivedIds.provenance(change.key());
      if (withProvenance) {
        keys.add(provenance);
      }
      if (now != null) {
        keys.addAll(now.observations());
      }
      Map<ResourceKey, Standing> standing = onFile.lock(keys);
      observations(now, earlier, standing);
      ResourceKey adverseEvent = now == null
          ? withdraw(candidate, standing.get(candidate))
          : adverseEvent(now, candidate, standing.get(candidate));
      if (withProvenance && now != null) {
        provenance(provenance, standing.get(provenance));
      }
      return new Derived(writes, publish(now, adverseEvent), findings);
    }

    private Assessment triage(ReportRecord report) {
      Assessment now = assessor.assess(report, onFile);
      now.complete();
      findings.addAll(assessor.findings(now, access));
      count(now.triage().urgency(), 1);
      return now;
    }

    private List<NewEvent> publish(@Nullable Assessment now, @Nullable ResourceKey adverseEvent) {
      var events = new ArrayList<NewEvent>();
      for (Telling<ReportRecord> telling :
          Telling.of(before, after, SymptomReportDerivation::owner)) {
        Assessment shown = telling.kind() == Telling.Kind.TAKEN_BACK
            ? assessor.assess(telling.content(), onFile)
            : Objects.requireNonNull(now);
        Instant time =
            shown.report().authored().hasValue() ? shown.reported().timestamp() : clock.instant();
        events.add(identity(change, telling)
            .at(
                time,
                EventJson.of(SymptomReportEvent.data(shown, change.version(), adverseEvent))));
      }
      return events;
    }

    /** Those of the report as it is now, and what fell away since the version before; what somebody else has changed is left alone. */
    private void observations(
        @Nullable Assessment now, List<ResourceKey> earlier, Map<ResourceKey, Standing> standing) {
      Map<ResourceKey, Observation> derived =
          now == null ? Map.of() : now.report().derived(now.read());
      derived.forEach((key, observation) -> {
        if (isFree(key, standing.get(key))) {
          writes.add(new Write.Update(key, observation, null));
        }
      });
      for (ResourceKey key : earlier) {
        Standing there = standing.get(key);
        if (!derived.containsKey(key)
            && isFree(key, there)
            && there != null
            && there.resource() instanceof Observation observation) {
          observation.setStatus(ObservationStatus.ENTEREDINERROR);
          writes.add(new Write.Update(key, observation, null));
        }
      }
    }

    /** The candidate, made or brought up to date. One that somebody else has changed or deleted is a clinician's judgement by now. */
    private @Nullable ResourceKey adverseEvent(
        Assessment now, ResourceKey key, @Nullable Standing there) {
      boolean stands = there != null && there.resource() != null;
      boolean due = now.triage().urgency() != Urgency.ROUTINE
          || now.read().symptoms().stream().anyMatch(SymptomAnswer::boxedWarning);
      if (isFree(key, there) && (due || stands)) {
        Optional<SymptomAnswer> leading = assessor.leading(now);
        if (leading.isPresent()) {
          writes.add(
              new Write.Update(key, CandidateAdverseEvent.of(key, leading.get(), now), null));
          return key;
        }
      }
      return stands ? key : null;
    }

    /** A candidate that nobody has taken over goes with its report; R4 knows no status of an AdverseEvent. */
    private @Nullable ResourceKey withdraw(ResourceKey key, @Nullable Standing there) {
      if (there == null || there.resource() == null) {
        return null;
      }
      if (isFree(key, there)) {
        writes.add(new Write.Delete(key, null));
      }
      return key;
    }

    /** One for all that this version of the report led to: a clinician sees that no clinician wrote it. */
    private void provenance(ResourceKey key, @Nullable Standing there) {
      List<ResourceKey> derived = writes.stream().map(Write::key).toList();
      if (!derived.isEmpty() && isFree(key, there)) {
        writes.add(new Write.Update(
            key,
            DerivedProvenance.of(key, derived, change.key(), change.version(), clock.instant()),
            null));
      }
    }

    /** Whether a derived record may be written: nobody else has, since it was last derived. */
    private boolean isFree(ResourceKey key, @Nullable Standing there) {
      if (there == null || there.untouched()) {
        return true;
      }
      findings.add(Finding.information(
          "informational",
          "%s was %s by others since it was derived, and was left as it is"
              .formatted(key, there.resource() == null ? "deleted" : "changed"),
          null));
      return false;
    }
  }
}
