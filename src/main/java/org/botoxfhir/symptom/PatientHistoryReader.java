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
import org.botoxfhir.resource.WriteDerivation.StoredRecord;
import org.botoxfhir.triage.Moment;
import org.botoxfhir.triage.Risk;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Reference;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Looks up what triage has to know of the patient: two round trips, one or two more where products are
 * referred to or an injection is named, however many there are; none without a patient. Nothing that is missing stops a report.
 */
final class PatientHistoryReader {
  private static final String INJECTION_OF_BOTULINUM_TOXIN = "404909007";
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

  /** Of a Procedure. */
  private static final Set<String> GIVEN = Set.of("completed", "in-progress");

  /** Of a MedicationAdministration. */
  private static final Set<String> NOT_GIVEN = Set.of("entered-in-error", "not-done");

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
    Optional<StoredRecord> onRecord = found.getFirst().records().stream().findFirst();
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
      List<StoredRecord> found = onFile
          .search(new Search(
              "Patient",
              "identifier=%s&_count=2"
                  .formatted(token(
                      reference.getIdentifier().getSystem(),
                      reference.getIdentifier().getValue()))))
          .records();
      if (found.size() == 1) {
        return Optional.of(found.getFirst().key());
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

  private static Set<Risk> risks(
      Found onFile, @Nullable StoredRecord onRecord, LocalDate reported) {
    Optional<Boolean> child = Optional.ofNullable(onRecord)
        .map(known -> known.json().path("birthDate").stringValue(null))
        .map(birthDate -> isChild(birthDate, reported));
    List<CodeableConcept> conditions = onFile.records().stream()
        .map(StoredRecord::json)
        .filter(PatientHistoryReader::isMeant)
        .map(condition -> RecordElements.concept(condition.path("code")))
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

  private static boolean isMeant(JsonNode condition) {
    return condition
        .path("verificationStatus")
        .path("coding")
        .valueStream()
        .map(coding -> coding.path("code").stringValue(null))
        .noneMatch(code -> "refuted".equals(code) || "entered-in-error".equals(code));
  }

  private static boolean has(List<CodeableConcept> conditions, Set<String> codes) {
    return conditions.stream().anyMatch(concept -> ConditionCodes.names(concept, codes));
  }

  private List<LinkedInjection> injections(
      Found latest, ResourceKey patient, SymptomReport report, WrittenDate reported) {
    Map<ResourceKey, JsonNode> found = new LinkedHashMap<>();
    latest.records().forEach(procedure -> found.put(procedure.key(), procedure.json()));
    named(patient, report, found)
        .ifPresent(procedure -> found.put(procedure.key(), procedure.json()));
    List<LinkedInjection> injections = found.entrySet().stream()
        .filter(entry -> GIVEN.contains(entry.getValue().path("status").stringValue("")))
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
  private Optional<StoredRecord> named(
      ResourceKey patient, SymptomReport report, Map<ResourceKey, JsonNode> found) {
    String reference = report.injection();
    if (reference == null) {
      return Optional.empty();
    }
    Optional<ResourceKey> key =
        ResourceKey.ofReference(reference).filter(named -> named.type().equals("Procedure"));
    if (key.isPresent() && found.containsKey(key.get())) {
      return Optional.empty();
    }
    Optional<StoredRecord> procedure = key.flatMap(onFile::read)
        .filter(read -> RecordElements.target(read.json().path("subject"))
            .filter(patient::equals)
            .isPresent());
    if (procedure.isEmpty()) {
      findings.add(Finding.warning(
          "not-found",
          "the injection that the report names is not a Procedure of the patient on file; the latest one on file is used instead",
          "QuestionnaireResponse.item.where(linkId='injection')"));
    }
    return procedure;
  }

  private static Optional<LinkedInjection> injection(ResourceKey key, JsonNode procedure) {
    JsonNode period = procedure.path("performedPeriod");
    Optional<WrittenDate> began = RecordElements.date(procedure.path("performedDateTime"))
        .or(() -> RecordElements.date(period.path("start")));
    Optional<WrittenDate> ended = RecordElements.date(period.path("end"));
    List<Coding> sites =
        RecordElements.distinctCodings(procedure.path("bodySite").valueStream());
    return began.map(from -> new LinkedInjection(key, from, ended.orElse(from), null, null, sites));
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
    List<JsonNode> given = found.records().stream()
        .map(StoredRecord::json)
        .filter(
            administration -> !NOT_GIVEN.contains(administration.path("status").stringValue("")))
        .filter(administration -> units(administration).isPresent())
        .toList();
    Map<ResourceKey, CodeableConcept> medications = medications(given);
    List<LinkedInjection> withDoses = new ArrayList<>();
    for (LinkedInjection injection : injections) {
      List<JsonNode> ofIt = !looked.contains(injection)
          ? List.of()
          : given.stream()
              .filter(administration -> administration
                  .path("partOf")
                  .valueStream()
                  .flatMap(whole -> RecordElements.target(whole).stream())
                  .anyMatch(injection.procedure()::equals))
              .toList();
      withDoses.addAll(byProduct(injection, ofIt, medications));
    }
    return withDoses;
  }

  private static Optional<BigDecimal> units(JsonNode administration) {
    return RecordElements.units(administration.path("dosage").path("dose"));
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
  private Map<ResourceKey, CodeableConcept> medications(List<JsonNode> given) {
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
          .records()
          .forEach(found ->
              codes.put(found.key(), RecordElements.concept(found.json().path("code"))));
    }
    return codes;
  }

  private static Optional<ResourceKey> medication(JsonNode administration) {
    return RecordElements.target(administration.path("medicationReference"))
        .filter(key -> key.type().equals("Medication"));
  }

  private static List<LinkedInjection> byProduct(
      LinkedInjection injection,
      List<JsonNode> given,
      Map<ResourceKey, CodeableConcept> medications) {
    if (given.isEmpty()) {
      return List.of(injection);
    }
    Map<String, List<JsonNode>> byName = new LinkedHashMap<>();
    Map<String, Coding> codes = new HashMap<>();
    for (JsonNode administration : given) {
      var product = ToxinProduct.of(product(administration, medications));
      byName.computeIfAbsent(product.name(), absent -> new ArrayList<>()).add(administration);
      if (product.coding() != null) {
        codes.putIfAbsent(product.name(), product.coding());
      }
    }
    List<LinkedInjection> injections = new ArrayList<>();
    byName.forEach((name, administrations) -> {
      List<Coding> sites = RecordElements.distinctCodings(
          administrations.stream().map(one -> one.path("dosage").path("site")));
      boolean only = byName.size() == 1;
      injections.add(injection.given(
          codes.get(name),
          administrations.stream()
              .flatMap(one -> units(one).stream())
              .reduce(BigDecimal.ZERO, BigDecimal::add),
          sites.isEmpty() || (only && !injection.sites().isEmpty()) ? injection.sites() : sites));
    });
    return injections;
  }

  private static CodeableConcept product(
      JsonNode administration, Map<ResourceKey, CodeableConcept> medications) {
    if (administration.has("medicationCodeableConcept")) {
      return RecordElements.concept(administration.path("medicationCodeableConcept"));
    }
    String reference =
        administration.path("medicationReference").path("reference").stringValue("");
    return administration
        .path("contained")
        .valueStream()
        .filter(contained -> contained.path("resourceType").stringValue("").equals("Medication")
            && reference.equals("#" + contained.path("id").stringValue("")))
        .map(contained -> RecordElements.concept(contained.path("code")))
        .findFirst()
        .or(() -> medication(administration).map(medications::get))
        .orElseGet(CodeableConcept::new);
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
