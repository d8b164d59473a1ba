package org.botoxfhir.symptom;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.outbox.NewEvent;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteDerivation;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PatientPseudonym;
import org.botoxfhir.symptom.SymptomReportEvent.Kind;
import org.botoxfhir.triage.Injection;
import org.botoxfhir.triage.ReportedSymptom;
import org.botoxfhir.triage.Risk;
import org.botoxfhir.triage.RuleSet;
import org.botoxfhir.triage.TriageFacts;
import org.botoxfhir.triage.TriageResult;
import org.botoxfhir.triage.Urgency;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.QuestionnaireResponse;
import org.hl7.fhir.r4.model.QuestionnaireResponse.QuestionnaireResponseStatus;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * What a symptom report brings with it: an Observation per symptom, the urgency and what the patient should do now, a candidate
 * AdverseEvent where it is due, and the event. Refuses no report: what is missing or not understood becomes a warning.
 */
@Component
class SymptomReportDerivation implements WriteDerivation {
  /** A report in these states is one that the patient stands by; one in progress or stopped publishes nothing. */
  private static final Set<QuestionnaireResponseStatus> SENT =
      EnumSet.of(QuestionnaireResponseStatus.COMPLETED, QuestionnaireResponseStatus.AMENDED);

  /** What a report is derived into, and what is looked up for it. */
  private static final List<String> NEEDED_TYPES = List.of(
      "Observation",
      "AdverseEvent",
      "Patient",
      "Condition",
      "Procedure",
      "MedicationAdministration",
      "Medication");

  private final RuleSet rules = RuleSet.shipped();
  private final PatientInstruction instruction = new PatientInstruction();
  private final PatientPseudonym pseudonym;
  private final InstantSource clock;
  private final MeterRegistry metrics;
  private final Timer triageTime;

  /** Refuses to start where a report would later be refused because of a type that it needs. */
  @Autowired
  SymptomReportDerivation(PatientPseudonym pseudonym, MeterRegistry metrics, ServedTypes types) {
    this(pseudonym, metrics, InstantSource.system());
    List<String> missing =
        NEEDED_TYPES.stream().filter(type -> !types.serves(type)).toList();
    if (types.serves("QuestionnaireResponse") && !missing.isEmpty()) {
      throw new IllegalStateException(
          "botox.fhir.types serves QuestionnaireResponse without %s, which a symptom report needs: add them, or leave QuestionnaireResponse out"
              .formatted(String.join(", ", missing)));
    }
  }

  SymptomReportDerivation(PatientPseudonym pseudonym, MeterRegistry metrics, InstantSource clock) {
    this.pseudonym = pseudonym;
    this.clock = clock;
    this.metrics = metrics;
    this.triageTime = Timer.builder("botox.symptom.triage")
        .description("Time to find the urgency of a symptom report from its facts")
        .register(metrics);
    // Each urgency is there from the start, so that a first emergency shows as a rise.
    for (Urgency urgency : Urgency.values()) {
      count(urgency, 0);
    }
  }

  @Override
  public boolean concerns(Resource resource) {
    return resource instanceof QuestionnaireResponse response
        && isSymptomReport(response)
        && (SENT.contains(response.getStatus()) || isRetracted(response));
  }

  /**
   * The same identifier for the same subject, among reports that were sent: a draft of the same report on file must not swallow it, nor
   * must another patient's report whose app numbers its reports from one. A report that was amended since counts as sent, so that a
   * late repetition of the first version does not bring it back.
   */
  @Override
  public Optional<String> identity(Resource resource) {
    if (!(resource instanceof QuestionnaireResponse response) || !concerns(resource)) {
      return Optional.empty();
    }
    Identifier identifier = response.getIdentifier();
    if (!identifier.hasValue()) {
      return Optional.empty();
    }
    String subject = keyOf(response.getSubject()).map(key -> "&subject=" + key).orElse("");
    String status = response.getStatus() == QuestionnaireResponseStatus.COMPLETED
        ? "completed,amended,entered-in-error"
        : "amended,entered-in-error";
    return Optional.of("identifier=%s%s&status=%s"
        .formatted(
            PatientHistoryReader.token(identifier.getSystem(), identifier.getValue()),
            subject,
            status));
  }

  @Override
  public Derived derive(Access access, Write write, long version, OnFile onFile) {
    QuestionnaireResponse response = response(write);
    if (response == null) {
      return new Derived(List.of(), List.of(), List.of());
    }
    Optional<QuestionnaireResponse> earlier = version > 1
        ? onFile
            .read(write.key())
            .filter(QuestionnaireResponse.class::isInstance)
            .map(QuestionnaireResponse.class::cast)
            .filter(stored -> isSymptomReport(stored) && SENT.contains(stored.getStatus()))
        : Optional.empty();
    boolean retracted = isRetracted(response);
    if (retracted && earlier.isEmpty()) {
      return new Derived(List.of(), List.of(), List.of());
    }
    return new Derivation(write.key(), version, response, earlier.orElse(null), onFile)
        .run(retracted ? Kind.RETRACTED : earlier.isPresent() ? Kind.AMENDED : Kind.SUBMITTED);
  }

  private void count(Urgency urgency, int reports) {
    Counter.builder("botox.symptom.reports")
        .description("Symptom reports triaged, those whose transaction then rolled back included")
        .tag("urgency", urgency.code())
        .register(metrics)
        .increment(reports);
  }

  private static @Nullable QuestionnaireResponse response(Write write) {
    if (write instanceof Write.Create create
        && create.resource() instanceof QuestionnaireResponse response) {
      return response;
    }
    if (write instanceof Write.Update update
        && update.resource() instanceof QuestionnaireResponse response) {
      return response;
    }
    return null;
  }

  private static boolean isSymptomReport(QuestionnaireResponse response) {
    return response.hasQuestionnaire()
        && Canonical.names(response.getQuestionnaire(), Canonical.SYMPTOM_REPORT);
  }

  private static boolean isRetracted(QuestionnaireResponse response) {
    return response.getStatus() == QuestionnaireResponseStatus.ENTEREDINERROR;
  }

  private static Optional<ResourceKey> keyOf(Reference reference) {
    return Optional.ofNullable(reference.getReference()).flatMap(ResourceKey::ofReference);
  }

  /** One version of one report. */
  private final class Derivation {
    private final ResourceKey report;
    private final long version;
    private final QuestionnaireResponse response;
    private final @Nullable QuestionnaireResponse earlier;
    private final OnFile onFile;
    private final List<Write> writes = new ArrayList<>();
    private final List<Finding> findings = new ArrayList<>();

    private Derivation(
        ResourceKey report,
        long version,
        QuestionnaireResponse response,
        @Nullable QuestionnaireResponse earlier,
        OnFile onFile) {
      this.report = report;
      this.version = version;
      this.response = response;
      this.earlier = earlier;
      this.onFile = onFile;
    }

    private Derived run(Kind kind) {
      Instant now = clock.instant();
      WrittenDate reported = WrittenDate.of(response.getAuthoredElement())
          .orElseGet(() -> WrittenDate.of(now.truncatedTo(ChronoUnit.MILLIS).toString()));
      SymptomReport read = SymptomReportReader.read(response);
      PatientHistory history =
          new PatientHistoryReader(onFile).read(response.getSubject(), read, reported);
      knowSubject(history);

      List<ReportedSymptom> symptoms =
          read.symptoms().stream().map(answer -> answer.fact(reported.moment())).toList();
      var facts = new TriageFacts(symptoms, history.risks(), injections(read, history));
      TriageResult triage = triageTime.record(() -> rules.triage(facts));
      String instructed = instruction.text(triage.urgency(), read);
      findings.add(Finding.information("informational", instructed, null));
      findings.addAll(read.findings());
      findings.addAll(history.findings());

      List<ResourceKey> observations = DerivedIds.observations(report, read);
      boolean retracted = kind == Kind.RETRACTED;
      if (retracted) {
        response
            .getExtension()
            .removeIf(extension -> Canonical.TRIAGE_RESULT.equals(extension.getUrl()));
        var all = fellAway(observations);
        all.addAll(observations);
        withdraw(all);
      } else {
        TriageResultExtension.set(response, triage, instructed, history.injections());
        for (int index = 0; index < observations.size(); index++) {
          ResourceKey key = observations.get(index);
          writes.add(new Write.Update(
              key, SymptomObservation.of(read.symptoms().get(index), key, report, response), null));
        }
        withdraw(fellAway(observations));
        count(triage.urgency(), 1);
      }
      ResourceKey adverseEvent = retracted
          ? withdrawAdverseEvent()
          : adverseEvent(read, symptoms, history, triage, observations);
      SymptomReportData data = SymptomReportEvent.data(
          report, version, read, observations, history, reported, triage, adverseEvent);
      NewEvent event = SymptomReportEvent.of(
          kind,
          report,
          version,
          response.hasAuthored() ? reported.timestamp() : now,
          pseudonym.of(owner(history)),
          data);
      return new Derived(writes, List.of(event), findings);
    }

    /** A subject that was found by its identifier is written down, so that a search by patient finds the report. */
    private void knowSubject(PatientHistory history) {
      if (history.patient() != null && !response.getSubject().hasReference()) {
        response.getSubject().setReference(history.patient().toString());
      }
    }

    /** Who the events of this report belong to: the patient, else whatever the subject says, else the report itself. */
    private String owner(PatientHistory history) {
      if (history.patient() != null) {
        return history.patient().toString();
      }
      Reference subject = response.getSubject();
      if (subject.hasReference()) {
        return subject.getReference();
      }
      return subject.hasIdentifier() && subject.getIdentifier().hasValue()
          ? subject.getIdentifier().getSystem() + "|" + subject.getIdentifier().getValue()
          : report.toString();
    }

    private List<Injection> injections(SymptomReport read, PatientHistory history) {
      var known = new ArrayList<>(
          history.injections().stream().map(LinkedInjection::fact).toList());
      if (read.injectionDate() != null) {
        known.add(new Injection(read.injectionDate().moment(), false));
      }
      return known;
    }

    /** What an earlier version reported and this one no longer does. */
    private Set<ResourceKey> fellAway(List<ResourceKey> observations) {
      Set<ResourceKey> before = new HashSet<>();
      if (earlier != null) {
        before.addAll(DerivedIds.observations(report, SymptomReportReader.read(earlier)));
      }
      before.removeAll(observations);
      return before;
    }

    private void withdraw(Set<ResourceKey> observations) {
      observations.stream()
          .sorted(Comparator.comparing(ResourceKey::id))
          .forEach(key -> onFile.read(key).ifPresent(stored -> {
            var observation = (Observation) stored;
            observation.setStatus(ObservationStatus.ENTEREDINERROR);
            writes.add(new Write.Update(key, observation, null));
          }));
    }

    /** The candidate, made or brought up to date; a record that a clinician has taken over is left alone. */
    private @Nullable ResourceKey adverseEvent(
        SymptomReport read,
        List<ReportedSymptom> symptoms,
        PatientHistory history,
        TriageResult triage,
        List<ResourceKey> observations) {
      ResourceKey key = DerivedIds.adverseEvent(report);
      Optional<Resource> stored = version > 1 ? onFile.read(key) : Optional.empty();
      boolean due = triage.urgency() != Urgency.ROUTINE
          || read.symptoms().stream().anyMatch(SymptomAnswer::boxedWarning);
      Optional<SymptomAnswer> leading = leading(read, symptoms, history.risks());
      if (leading.isEmpty() || (!due && stored.isEmpty())) {
        return stored.isPresent() ? key : null;
      }
      if (stored.isPresent() && !CandidateAdverseEvent.isUnconfirmed(stored.get())) {
        findings.add(Finding.information(
            "informational",
            "%s is in a clinician's hands and was left as it is".formatted(key),
            null));
        return key;
      }
      writes.add(new Write.Update(
          key,
          CandidateAdverseEvent.of(
              key, leading.get(), report, response, observations, history.injections()),
          null));
      return key;
    }

    /** A candidate that nobody has taken over goes with its report; R4 knows no status of an AdverseEvent. */
    private @Nullable ResourceKey withdrawAdverseEvent() {
      ResourceKey key = DerivedIds.adverseEvent(report);
      Optional<Resource> stored = onFile.read(key);
      if (stored.isEmpty()) {
        return null;
      }
      if (CandidateAdverseEvent.isUnconfirmed(stored.get())) {
        writes.add(new Write.Delete(key, null));
      }
      return key;
    }

    /** The symptom that is most urgent alone; among equals one of the boxed warning, then the first. */
    private Optional<SymptomAnswer> leading(
        SymptomReport read, List<ReportedSymptom> symptoms, Set<Risk> risks) {
      SymptomAnswer leading = null;
      Urgency most = Urgency.ROUTINE;
      for (int index = 0; index < symptoms.size(); index++) {
        SymptomAnswer answer = read.symptoms().get(index);
        Urgency alone = rules
            .triage(new TriageFacts(List.of(symptoms.get(index)), risks, List.of()))
            .urgency();
        int order = alone.compareTo(most);
        if (leading == null
            || order > 0
            || (order == 0 && answer.boxedWarning() && !leading.boxedWarning())) {
          leading = answer;
          most = alone;
        }
      }
      return Optional.ofNullable(leading);
    }
  }
}
