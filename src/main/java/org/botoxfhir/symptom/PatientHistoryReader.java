package org.botoxfhir.symptom;

import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.WriteDerivation.Found;
import org.botoxfhir.resource.WriteDerivation.OnFile;
import org.botoxfhir.resource.WriteDerivation.Search;
import org.botoxfhir.triage.Moment;
import org.botoxfhir.triage.Risk;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Condition;
import org.hl7.fhir.r4.model.DateTimeType;
import org.hl7.fhir.r4.model.Medication;
import org.hl7.fhir.r4.model.MedicationAdministration;
import org.hl7.fhir.r4.model.MedicationAdministration.MedicationAdministrationStatus;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Procedure;
import org.hl7.fhir.r4.model.Procedure.ProcedureStatus;
import org.hl7.fhir.r4.model.Quantity;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/**
 * Looks up what triage has to know of the patient: two round trips, one or two more where products are
 * referred to or an injection is named, however many there are; none without a patient. Nothing that is missing stops a report.
 */
final class PatientHistoryReader {
  private static final String INJECTION_OF_BOTULINUM_TOXIN = "404909007";
  private static final String UNITS = "[arb'U]";
  private static final int ADULT_YEARS = 18;

  /** Looked at, latest first; some record each site as a Procedure of its own. */
  private static final int MOST_INJECTIONS = 50;

  private static final int MOST_CONDITIONS = 200;
  private static final int MOST_ADMINISTRATIONS = 500;

  /** Those that are risks, and those that tell for what the toxin is given. */
  private static final String CONDITIONS_THAT_MATTER = encoded(Stream.of(
          ConditionCodes.NEUROMUSCULAR, ConditionCodes.SPASTICITY, ConditionCodes.OTHER_INDICATIONS)
      .flatMap(Set::stream)
      .sorted()
      .distinct()
      .collect(Collectors.joining(",")));

  private static final Set<ProcedureStatus> GIVEN =
      EnumSet.of(ProcedureStatus.COMPLETED, ProcedureStatus.INPROGRESS);
  private static final Set<MedicationAdministrationStatus> NOT_GIVEN = EnumSet.of(
      MedicationAdministrationStatus.ENTEREDINERROR, MedicationAdministrationStatus.NOTDONE);

  private final OnFile onFile;
  private final List<Finding> findings = new ArrayList<>();
  private final ReportRecord sent;
  private final String subject;

  /** @param sent the report; its subject may be empty, or name somebody who is not on file */
  PatientHistoryReader(OnFile onFile, ReportRecord sent) {
    this.onFile = onFile;
    this.sent = sent;
    this.subject = sent.key().type() + ".subject";
  }

  /**
   * @param report what the report says
   * @param reported when it was made
   */
  PatientHistory read(SymptomReport report, WrittenDate reported) {
    Optional<ResourceKey> patient = patient(sent.subject());
    if (patient.isEmpty()) {
      return new PatientHistory(null, false, Set.of(), List.of(), List.of(), findings);
    }
    ResourceKey key = patient.get();
    List<Found> found =
        onFile.search(List.of(patientWithId(key), conditions(key), injections(key, reported)));
    Optional<Patient> onRecord =
        found.getFirst().resources().stream().map(Patient.class::cast).findFirst();
    if (onRecord.isEmpty()) {
      findings.add(Finding.warning(
          "not-found",
          "%s is not on file; the report is stored and published as from an unknown patient. Send the Patient, then the report again"
              .formatted(key),
          subject));
    }
    Set<Risk> risks = risks(found.get(1), onRecord.orElse(null), reported.day());
    List<LinkedInjection> all = injections(found.get(2), key, report, reported);
    List<LinkedInjection> linked = withDoses(key, linked(all, report, reported));
    return new PatientHistory(
        key,
        onRecord.isPresent(),
        risks,
        Stream.concat(linked.stream(), all.stream()).map(LinkedInjection::fact).toList(),
        linked,
        findings);
  }

  /** The patient whom a reference names, by id or, where there is only an identifier, by that. */
  private Optional<ResourceKey> patient(Reference reference) {
    if (reference.hasReference()) {
      Optional<ResourceKey> key = ResourceKey.ofReference(reference.getReference())
          .filter(named -> named.type().equals("Patient"));
      if (key.isEmpty()) {
        findings.add(Finding.warning(
            "not-supported",
            "the subject is not a Patient of this server; the report counts as from an unknown patient. Refer to Patient/[id]",
            subject));
      }
      return key;
    }
    if (reference.hasIdentifier() && reference.getIdentifier().hasValue()) {
      List<Resource> found = onFile
          .search(new Search(
              "Patient",
              "identifier=%s&_count=2"
                  .formatted(token(
                      reference.getIdentifier().getSystem(),
                      reference.getIdentifier().getValue()))))
          .resources();
      if (found.size() == 1) {
        return Optional.of(
            new ResourceKey("Patient", found.getFirst().getIdElement().getIdPart()));
      }
      findings.add(Finding.warning(
          found.isEmpty() ? "not-found" : "multiple-matches",
          "the identifier of the subject names %s; the report counts as from an unknown patient. Refer to Patient/[id]"
              .formatted(found.isEmpty() ? "no patient on file" : "several patients"),
          subject + ".identifier"));
      return Optional.empty();
    }
    findings.add(Finding.warning(
        "required",
        "the report has no subject, so nobody can be told whose it is; set subject to the Patient",
        subject));
    return Optional.empty();
  }

  private static Search patientWithId(ResourceKey patient) {
    return new Search("Patient", "_id=" + encoded(patient.id()));
  }

  private static Search conditions(ResourceKey patient) {
    return new Search(
        "Condition",
        "patient=%s&code=%s&_count=%d".formatted(patient, CONDITIONS_THAT_MATTER, MOST_CONDITIONS));
  }

  private static Search injections(ResourceKey patient, WrittenDate reported) {
    // A day more than the report's, since a day without a time zone may begin earlier elsewhere.
    LocalDate last = WrittenDate.searchable(
        LocalDate.ofInstant(reported.until(), ZoneOffset.UTC).plusDays(1));
    return new Search(
        "Procedure",
        "patient=%s&code=%s&status=completed,in-progress&date=le%s&_sort=-date&_count=%d"
            .formatted(
                patient,
                token(Canonical.SNOMED, INJECTION_OF_BOTULINUM_TOXIN),
                last,
                MOST_INJECTIONS));
  }

  private static Set<Risk> risks(Found onFile, @Nullable Patient onRecord, LocalDate reported) {
    Optional<Boolean> child = Optional.ofNullable(onRecord)
        .filter(Patient::hasBirthDate)
        .map(known -> isChild(known.getBirthDateElement().getValueAsString(), reported));
    List<CodeableConcept> conditions = onFile.resources().stream()
        .map(Condition.class::cast)
        .filter(PatientHistoryReader::isMeant)
        .map(Condition::getCode)
        .toList();
    boolean spasticity = has(conditions, ConditionCodes.SPASTICITY);
    Set<Risk> risks = EnumSet.noneOf(Risk.class);
    if (has(conditions, ConditionCodes.NEUROMUSCULAR)) {
      risks.add(Risk.NEUROMUSCULAR_DISEASE);
    }
    if (child.orElse(spasticity)) {
      risks.add(Risk.CHILD);
    }
    // From the age of two the toxin is given to children for spasticity before anything else.
    if (spasticity || (child.orElse(false) && !has(conditions, ConditionCodes.OTHER_INDICATIONS))) {
      risks.add(Risk.SPASTICITY);
    }
    return risks;
  }

  /** Of a birth date that is only a year or a month, the latest day counts: the patient may still be a child. */
  private static boolean isChild(String birthDate, LocalDate reported) {
    LocalDate latest =
        LocalDate.ofInstant(WrittenDate.of(birthDate).until(), ZoneOffset.ofHours(-12));
    return Period.between(latest, reported).getYears() < ADULT_YEARS;
  }

  private static boolean isMeant(Condition condition) {
    return condition.getVerificationStatus().getCoding().stream()
        .map(Coding::getCode)
        .noneMatch(code -> "refuted".equals(code) || "entered-in-error".equals(code));
  }

  private static boolean has(List<CodeableConcept> conditions, Set<String> codes) {
    return conditions.stream().anyMatch(concept -> ConditionCodes.names(concept, codes));
  }

  private List<LinkedInjection> injections(
      Found latest, ResourceKey patient, SymptomReport report, WrittenDate reported) {
    Map<ResourceKey, Procedure> found = new LinkedHashMap<>();
    latest
        .resources()
        .forEach(resource ->
            found.put(new ResourceKey("Procedure", resource.getIdElement().getIdPart()), (Procedure)
                resource));
    named(patient, report, found)
        .ifPresent(procedure -> found.put(
            new ResourceKey("Procedure", procedure.getIdElement().getIdPart()), procedure));
    List<LinkedInjection> injections = found.entrySet().stream()
        .filter(entry -> GIVEN.contains(entry.getValue().getStatus()))
        .flatMap(entry -> injection(entry.getKey(), entry.getValue()).stream())
        .filter(injection -> !injection.performed().from().isAfter(reported.until()))
        .sorted(Comparator.comparing(
                (LinkedInjection injection) -> injection.performed().until())
            .reversed())
        .toList();
    if (injections.isEmpty()) {
      findings.add(Finding.warning(
          "not-found",
          "no injection of botulinum toxin before the report is on file for %s; the report is published without one"
              .formatted(patient),
          subject));
    }
    return injections;
  }

  /** The latest, however long ago, and all that may explain a symptom by the time of its onset or of the report. */
  private static List<LinkedInjection> linked(
      List<LinkedInjection> injections, SymptomReport report, WrittenDate reported) {
    List<Moment> times = Stream.concat(
            Stream.of(reported),
            report.symptoms().stream().flatMap(answer -> answer.began().stream()))
        .map(WrittenDate::moment)
        .distinct()
        .toList();
    return injections.stream()
        .filter(injection ->
            injection == injections.getFirst() || times.stream().anyMatch(injection::mayExplain))
        .toList();
  }

  /** The Procedure that the patient chose, unless it is among those found. */
  private Optional<Procedure> named(
      ResourceKey patient, SymptomReport report, Map<ResourceKey, Procedure> found) {
    String reference = report.injection();
    if (reference == null) {
      return Optional.empty();
    }
    Optional<ResourceKey> key =
        ResourceKey.ofReference(reference).filter(named -> named.type().equals("Procedure"));
    if (key.isPresent() && found.containsKey(key.get())) {
      return Optional.empty();
    }
    Optional<Procedure> procedure = key.flatMap(onFile::read)
        .map(Procedure.class::cast)
        .filter(read -> isReferenceTo(read.getSubject(), patient));
    if (procedure.isEmpty()) {
      findings.add(Finding.warning(
          "not-found",
          "the injection that the report names is not a Procedure of the patient on file; the latest one on file is used instead",
          "QuestionnaireResponse.item.where(linkId='injection')"));
    }
    return procedure;
  }

  private static Optional<LinkedInjection> injection(ResourceKey key, Procedure procedure) {
    DateTimeType began = null;
    DateTimeType ended = null;
    if (procedure.hasPerformedDateTimeType()) {
      began = procedure.getPerformedDateTimeType();
    } else if (procedure.hasPerformedPeriod()) {
      began = procedure.getPerformedPeriod().getStartElement();
      ended = procedure.getPerformedPeriod().getEndElement();
    }
    List<Coding> sites = distinct(procedure.getBodySite().stream());
    Optional<WrittenDate> performed = WrittenDate.of(began);
    Optional<WrittenDate> until = WrittenDate.of(ended);
    return performed.map(
        from -> new LinkedInjection(key, from, until.orElse(from), null, null, sites));
  }

  /** Each with what was given in it, one for each product; the administrations of all are looked up at once. */
  private List<LinkedInjection> withDoses(ResourceKey patient, List<LinkedInjection> injections) {
    if (injections.isEmpty()) {
      return injections;
    }
    Found found = administrations(patient, injections);
    List<LinkedInjection> looked = injections;
    if (found.more() && injections.size() > 1) {
      looked = List.of(injections.getFirst());
      found = administrations(patient, looked);
    }
    if (found.more()) {
      looked = List.of();
    }
    if (looked.size() < injections.size()) {
      findings.add(Finding.warning(
          "too-costly",
          "the patient has too many administrations to look through; the units of %d injections are not published"
              .formatted(injections.size() - looked.size()),
          null));
    }
    List<MedicationAdministration> given = found.resources().stream()
        .map(MedicationAdministration.class::cast)
        .filter(administration -> !NOT_GIVEN.contains(administration.getStatus()))
        .filter(administration -> isInUnits(administration.getDosage().getDose()))
        .toList();
    Map<ResourceKey, CodeableConcept> medications = medications(given);
    List<LinkedInjection> withDoses = new ArrayList<>();
    for (LinkedInjection injection : injections) {
      List<MedicationAdministration> ofIt = !looked.contains(injection)
          ? List.of()
          : given.stream()
              .filter(administration -> administration.getPartOf().stream()
                  .anyMatch(whole -> isReferenceTo(whole, injection.procedure())))
              .toList();
      withDoses.addAll(byProduct(injection, ofIt, medications));
    }
    return withDoses;
  }

  private Found administrations(ResourceKey patient, List<LinkedInjection> injections) {
    Instant first = injections.stream()
        .map(injection -> injection.performed().from())
        .min(Comparator.naturalOrder())
        .orElseThrow();
    Instant last = injections.stream()
        .map(injection -> injection.fact().performed().until())
        .max(Comparator.naturalOrder())
        .orElseThrow();
    return onFile.search(new Search(
        "MedicationAdministration",
        "patient=%s&effective-time=ge%s&effective-time=le%s&_count=%d"
            .formatted(
                patient,
                WrittenDate.searchable(
                    LocalDate.ofInstant(first, ZoneOffset.UTC).minusDays(1)),
                WrittenDate.searchable(LocalDate.ofInstant(last, ZoneOffset.UTC).plusDays(1)),
                MOST_ADMINISTRATIONS)));
  }

  /** The products that are only referred to, all read at once. */
  private Map<ResourceKey, CodeableConcept> medications(List<MedicationAdministration> given) {
    Set<String> ids = given.stream()
        .flatMap(administration -> medication(administration).stream())
        .map(ResourceKey::id)
        .collect(Collectors.toCollection(TreeSet::new));
    Map<ResourceKey, CodeableConcept> codes = new HashMap<>();
    if (!ids.isEmpty()) {
      onFile
          .search(new Search(
              "Medication",
              "_id=%s&_count=%d".formatted(encoded(String.join(",", ids)), MOST_ADMINISTRATIONS)))
          .resources()
          .forEach(found -> codes.put(
              new ResourceKey("Medication", found.getIdElement().getIdPart()),
              ((Medication) found).getCode()));
    }
    return codes;
  }

  private static Optional<ResourceKey> medication(MedicationAdministration administration) {
    return administration.hasMedicationReference()
        ? Optional.ofNullable(administration.getMedicationReference().getReference())
            .flatMap(ResourceKey::ofReference)
            .filter(key -> key.type().equals("Medication"))
        : Optional.empty();
  }

  private static List<LinkedInjection> byProduct(
      LinkedInjection injection,
      List<MedicationAdministration> given,
      Map<ResourceKey, CodeableConcept> medications) {
    if (given.isEmpty()) {
      return List.of(injection);
    }
    Map<String, List<MedicationAdministration>> byName = new LinkedHashMap<>();
    Map<String, Coding> codes = new HashMap<>();
    for (MedicationAdministration administration : given) {
      var product = ToxinProduct.of(product(administration, medications));
      byName.computeIfAbsent(product.name(), absent -> new ArrayList<>()).add(administration);
      if (product.coding() != null) {
        codes.putIfAbsent(product.name(), product.coding());
      }
    }
    List<LinkedInjection> injections = new ArrayList<>();
    byName.forEach((name, administrations) -> {
      List<Coding> sites =
          distinct(administrations.stream().map(one -> one.getDosage().getSite()));
      boolean only = byName.size() == 1;
      injections.add(injection.given(
          codes.get(name),
          administrations.stream()
              .map(one -> one.getDosage().getDose().getValue())
              .reduce(BigDecimal.ZERO, BigDecimal::add),
          sites.isEmpty() || (only && !injection.sites().isEmpty()) ? injection.sites() : sites));
    });
    return injections;
  }

  private static CodeableConcept product(
      MedicationAdministration administration, Map<ResourceKey, CodeableConcept> medications) {
    if (administration.hasMedicationCodeableConcept()) {
      return administration.getMedicationCodeableConcept();
    }
    if (administration.hasMedicationReference()
        && administration.getMedicationReference().getResource() instanceof Medication contained) {
      return contained.getCode();
    }
    return medication(administration).map(medications::get).orElseGet(CodeableConcept::new);
  }

  private static boolean isInUnits(Quantity dose) {
    return dose.hasValue()
        && Canonical.UCUM.equals(dose.getSystem())
        && UNITS.equals(dose.getCode());
  }

  private static boolean isReferenceTo(Reference reference, ResourceKey key) {
    return reference.hasReference()
        && ResourceKey.ofReference(reference.getReference()).filter(key::equals).isPresent();
  }

  private static List<Coding> distinct(Stream<CodeableConcept> sites) {
    var distinct = new LinkedHashMap<String, Coding>();
    sites
        .flatMap(site -> site.getCoding().stream())
        .filter(Coding::hasCode)
        .forEach(
            coding -> distinct.putIfAbsent(coding.getSystem() + "|" + coding.getCode(), coding));
    return List.copyOf(distinct.values());
  }

  /** A token as search wants it: the characters that separate tokens escaped, all of it percent-encoded. */
  static String token(@Nullable String system, String code) {
    return encoded(escaped(system == null ? "" : system) + "|" + escaped(code));
  }

  private static String escaped(String text) {
    return text.replace("\\", "\\\\").replace("|", "\\|").replace(",", "\\,").replace("$", "\\$");
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
