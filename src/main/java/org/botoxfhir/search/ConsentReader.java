package org.botoxfhir.search;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.security.PurposeOfUse;
import org.botoxfhir.store.Denial;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.Consent.ConsentDataMeaning;
import org.hl7.fhir.r4.model.Consent.ConsentProvisionType;
import org.hl7.fhir.r4.model.Consent.ConsentState;
import org.hl7.fhir.r4.model.Consent.ProvisionComponent;
import org.hl7.fhir.r4.model.Consent.provisionActorComponent;
import org.hl7.fhir.r4.model.Period;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.ResourceType;
import org.jspecify.annotations.Nullable;

/**
 * From a Consent to what it denies; what is understood is in docs/privacy.md. A condition that cannot be evaluated is left out of a denial, which
 * then denies more, and an exception with one is no exception: the patient's wish is never read as less than it says. Each is told as a warning.
 */
public final class ConsentReader {
  private static final String SCOPES = "http://terminology.hl7.org/CodeSystem/consentscope";
  private static final String PRIVACY = "patient-privacy";
  private static final String RESOURCE_TYPES = "http://hl7.org/fhir/resource-types";
  private static final String ACTIONS = "http://terminology.hl7.org/CodeSystem/consentaction";
  private static final Set<String> READING = Set.of("access", "use", "disclose");
  private static final Set<String> OTHER_ACTIONS = Set.of("collect", "correct");

  /** Of v3-ParticipationType: who the data come from, not whom they are for. */
  private static final Set<String> SOURCES = Set.of("AUT", "CST", "ENT", "INF");

  /** Who asks is one of these; a Group or a CareTeam is several. */
  private static final Set<String> ACTORS = Set.of(
      "Device",
      "Organization",
      "Patient",
      "Person",
      "Practitioner",
      "PractitionerRole",
      "RelatedPerson");

  /** From least to most, v3-Confidentiality. */
  private static final List<String> CONFIDENTIALITY = List.of("U", "L", "M", "N", "R", "V");

  private static final String CONFIDENTIALITIES =
      "http://terminology.hl7.org/CodeSystem/v3-Confidentiality";

  private static final DateInterval ALWAYS = new DateInterval(Instant.MIN, Instant.MAX);

  private final @Nullable String patient;
  private final List<Denial> denials = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  private ConsentReader(@Nullable String patient) {
    this.patient = patient;
  }

  /**
   * What a Consent denies.
   *
   * @param findings warnings about what is not evaluated
   */
  public record Reading(List<Denial> denials, List<Finding> findings) {}

  /** Reads what a Consent denies, as it stands; empty when it is not active or about something else than privacy. */
  public static Reading read(Consent consent) {
    var reader = new ConsentReader(ResourceKey.ofReference(
            consent.getPatient().hasReference() ? consent.getPatient().getReference() : "")
        .filter(key -> key.type().equals("Patient"))
        .map(ResourceKey::id)
        .orElse(null));
    if (consent.getStatus() == ConsentState.ACTIVE && isAboutPrivacy(consent.getScope())) {
      reader.collect(consent.getProvision(), "Consent.provision", ALWAYS);
      if (reader.denials.isEmpty() && isOptOut(consent)) {
        reader.warn(
            "Consent.policyRule",
            "alone denies nothing here; say it as Consent.provision.type = deny");
      }
    }
    return new Reading(List.copyOf(reader.denials), List.copyOf(reader.findings));
  }

  /** What is said in words only may be about it. */
  private static boolean isAboutPrivacy(CodeableConcept scope) {
    List<Coding> known = scope.getCoding().stream()
        .filter(coding -> SCOPES.equals(coding.getSystem()))
        .toList();
    return known.isEmpty() || known.stream().anyMatch(coding -> PRIVACY.equals(coding.getCode()));
  }

  private static boolean isOptOut(Consent consent) {
    return consent.getPolicyRule().getCoding().stream()
        .anyMatch(coding -> "OPTOUT".equals(coding.getCode()));
  }

  private void warn(String path, String text) {
    findings.add(Finding.warning("not-supported", path + " " + text, path));
  }

  /** Of what stands above a denial only the time counts: whatever else it is an exception of, it denies. */
  private void collect(ProvisionComponent provision, String path, DateInterval outer) {
    DateInterval time = within(outer, provision.getPeriod());
    if (provision.getType() == ConsentProvisionType.DENY) {
      deny(provision, path, time);
      return;
    }
    collect(provision.getProvision(), path, time);
  }

  private void collect(List<ProvisionComponent> nested, String path, DateInterval time) {
    for (int i = 0; i < nested.size(); i++) {
      collect(nested.get(i), path + ".provision[" + i + "]", time);
    }
  }

  private static DateInterval within(DateInterval outer, Period period) {
    Instant low = period.hasStart()
        ? DateInterval.parse(period.getStartElement().getValueAsString())
            .map(DateInterval::low)
            .orElse(Instant.MIN)
        : Instant.MIN;
    Instant high = period.hasEnd()
        ? DateInterval.parse(period.getEndElement().getValueAsString())
            .map(DateInterval::high)
            .orElse(Instant.MAX)
        : Instant.MAX;
    return new DateInterval(
        low.isAfter(outer.low()) ? low : outer.low(),
        high.isBefore(outer.high()) ? high : outer.high());
  }

  private void deny(ProvisionComponent provision, String path, DateInterval time) {
    List<ProvisionComponent> nested = provision.getProvision();
    if (!concernsReading(provision, path)) {
      collect(nested, path, time);
      return;
    }
    String owner = patient;
    if (owner == null) {
      warn(
          "Consent.patient",
          "is no Patient of this server, so nothing is denied; write Patient/[id]");
      return;
    }
    List<String> left = new ArrayList<>();
    int number = denials.size() + 1;
    denials.add(of(provision, number, 0, owner, time, left));
    left.forEach(element -> warn(
        path + "." + element, "cannot be evaluated; it is denied as if it did not stand there"));
    for (int i = 0; i < nested.size(); i++) {
      String at = path + ".provision[" + i + "]";
      if (nested.get(i).getType() == ConsentProvisionType.DENY) {
        deny(nested.get(i), at, within(time, nested.get(i).getPeriod()));
      } else {
        permit(nested.get(i), at, number, owner, within(time, nested.get(i).getPeriod()));
      }
    }
  }

  private void permit(
      ProvisionComponent provision, String path, int within, String owner, DateInterval time) {
    List<String> left = new ArrayList<>();
    Denial permitted = of(provision, denials.size() + 1, within, owner, time, left);
    if (provision.getType() != ConsentProvisionType.PERMIT) {
      left.add("type");
    }
    if (provision.hasCode()) {
      left.add("code");
    }
    if (provision.hasSecurityLabel()) {
      left.add("securityLabel");
    }
    if (provision.hasData()) {
      left.add("data");
    }
    if (provision.hasProvision()) {
      left.add("provision");
    }
    if (provision.hasAction()
        && provision.getAction().stream()
            .noneMatch(action -> known(action).stream().anyMatch(READING::contains))) {
      left.add("action");
    }
    if (left.isEmpty()) {
      denials.add(permitted);
    } else {
      left.stream()
          .distinct()
          .forEach(element -> warn(
              path + "." + element,
              "cannot be evaluated in an exception of a denial; nothing is permitted by it"));
    }
  }

  private boolean concernsReading(ProvisionComponent provision, String path) {
    boolean reading = !provision.hasAction();
    for (CodeableConcept action : provision.getAction()) {
      List<String> known = known(action);
      if (known.isEmpty()) {
        warn(
            path + ".action",
            "is not known, so it counts as reading; write access, use, disclose, collect or correct of "
                + ACTIONS);
      }
      reading |= known.isEmpty() || known.stream().anyMatch(READING::contains);
    }
    return reading;
  }

  private static List<String> known(CodeableConcept action) {
    return action.getCoding().stream()
        .filter(coding -> ACTIONS.equals(coding.getSystem()))
        .map(Coding::getCode)
        .filter(code -> READING.contains(code) || OTHER_ACTIONS.contains(code))
        .toList();
  }

  /** @param left elements that cannot be evaluated */
  private static Denial of(
      ProvisionComponent provision,
      int number,
      int within,
      String patient,
      DateInterval time,
      List<String> left) {
    if (provision.hasDataPeriod()) {
      left.add("dataPeriod");
    }
    if (provision.hasModifierExtension()) {
      left.add("modifierExtension");
    }
    return new Denial(
        number,
        within,
        patient,
        time.low(),
        time.high(),
        all(provision.getActor(), ConsentReader::actor, "actor", left),
        all(provision.getPurpose(), ConsentReader::purpose, "purpose", left),
        all(provision.getClass_(), ConsentReader::type, "class", left),
        all(
            provision.getCode().stream().flatMap(code -> parts(code).stream()).toList(),
            ConsentReader::code,
            "code",
            left),
        labels(all(provision.getSecurityLabel(), ConsentReader::code, "securityLabel", left)),
        all(provision.getData(), ConsentReader::instance, "data", left),
        provision.getData().stream()
            .anyMatch(data -> data.getMeaning() != ConsentDataMeaning.INSTANCE));
  }

  /** What each of several alternatives stands for; none, which means whatever, when one of them cannot be told. */
  private static <T> List<String> all(
      List<T> alternatives, Function<T, Optional<String>> reading, String name, List<String> left) {
    List<Optional<String>> read = alternatives.stream().map(reading).toList();
    if (read.stream().anyMatch(Optional::isEmpty)) {
      left.add(name);
      return List.of();
    }
    return read.stream().flatMap(Optional::stream).distinct().toList();
  }

  private static Optional<String> actor(provisionActorComponent actor) {
    boolean source =
        actor.getRole().getCoding().stream().anyMatch(coding -> SOURCES.contains(coding.getCode()));
    if (source || actor.hasModifierExtension()) {
      return Optional.empty();
    }
    Reference reference = actor.getReference();
    if (reference.hasReference()) {
      return key(reference.getReference())
          .filter(key -> ACTORS.contains(key.type()))
          .map(ResourceKey::toString);
    }
    return reference.getIdentifier().hasValue()
        ? Optional.of(Requester.IDENTIFIER + reference.getIdentifier().getValue())
        : Optional.empty();
  }

  /** Type and id, on whatever server: to take another's for ours denies more. */
  static Optional<ResourceKey> key(String reference) {
    String[] steps = reference.split("/", -1);
    int version = steps.length > 2 && steps[steps.length - 2].equals("_history") ? 2 : 0;
    int last = steps.length - 1 - version;
    return last < 1
        ? Optional.empty()
        : ResourceKey.ofReference(steps[last - 1] + "/" + steps[last]);
  }

  private static Optional<String> purpose(Coding purpose) {
    return PurposeOfUse.of(purpose.getSystem(), purpose.getCode()).map(Enum::name);
  }

  private static Optional<String> type(Coding type) {
    boolean named = !type.hasSystem() || type.getSystem().equals(RESOURCE_TYPES);
    return named
        ? Arrays.stream(ResourceType.values())
            .map(Enum::name)
            .filter(name -> name.equals(type.getCode()))
            .findFirst()
        : Optional.empty();
  }

  /** A concept without a code cannot be told from others. */
  private static List<Coding> parts(CodeableConcept concept) {
    return concept.hasCoding() ? concept.getCoding() : List.of(new Coding());
  }

  private static Optional<String> code(Coding coding) {
    return coding.hasCode()
        ? Optional.of((coding.hasSystem() ? coding.getSystem() : "") + "|" + coding.getCode())
        : Optional.empty();
  }

  /** Who is denied what is confidential is denied what is more so. */
  private static List<String> labels(List<String> labels) {
    List<String> all = new ArrayList<>(labels);
    for (String label : labels) {
      int bar = label.lastIndexOf('|');
      String system = label.substring(0, bar);
      int rank = CONFIDENTIALITY.indexOf(label.substring(bar + 1));
      if (rank >= 0 && (system.isEmpty() || system.equals(CONFIDENTIALITIES))) {
        CONFIDENTIALITY.subList(rank, CONFIDENTIALITY.size()).stream()
            .map(code -> CONFIDENTIALITIES + "|" + code)
            .forEach(all::add);
      }
    }
    return all.stream().distinct().toList();
  }

  private static Optional<String> instance(Consent.provisionDataComponent data) {
    return data.getMeaning() == null
            || data.getMeaning() == ConsentDataMeaning.AUTHOREDBY
            || !data.getReference().hasReference()
        ? Optional.empty()
        : ResourceKey.ofReference(data.getReference().getReference()).map(ResourceKey::toString);
  }
}
