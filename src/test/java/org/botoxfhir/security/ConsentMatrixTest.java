package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.search.EverythingQuery;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.search.Searches;
import org.botoxfhir.security.ConsentCase.Caller;
import org.botoxfhir.security.ConsentCase.Data;
import org.botoxfhir.security.ConsentCase.Rule;
import org.botoxfhir.security.ConsentCase.Target;
import org.botoxfhir.security.ConsentCase.When;
import org.botoxfhir.security.ConsentCase.Who;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Condition;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Practitioner;
import org.hl7.fhir.r4.model.PractitionerRole;
import org.hl7.fhir.r4.model.Procedure;
import org.hl7.fhir.r4.model.Procedure.ProcedureStatus;
import org.hl7.fhir.r4.model.Reference;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Generated Consents against generated callers and reads: what is hidden is exactly what {@link ConsentCase} says, on every way to it. */
class ConsentMatrixTest extends GeneratedCases {
  private static final int CASES = 1500;
  private static final long SEED = 20261128L;
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String SYSTEM = "urn:consent-matrix";
  private static final String CLIENT = "program-" + RUN;

  private final MadeUpConsents consents = new MadeUpConsents(
      SYSTEM, RUN, CLIENT, key(Target.PATIENT).toString(), key(Target.PROCEDURE).toString());

  private enum Interaction {
    READ,
    VREAD,
    HISTORY,
    TYPE_HISTORY,
    SEARCH,
    COUNT,
    BY_CODE,
    BASE,
    CHAIN,
    HAS,
    INCLUDE,
    REVINCLUDE,
    EVERYTHING,
    PATCH,
    UPDATE,
    CONDITIONAL_CREATE
  }

  private static ResourceKey key(Target target) {
    return new ResourceKey(
        target.type, target.name().toLowerCase(Locale.ROOT).replace('_', '-') + "-" + RUN);
  }

  private static Reference to(String type, String name) {
    return new Reference(type + "/" + name + "-" + RUN);
  }

  private static DomainResource content(Target target, String note) {
    Reference subject = new Reference(key(Target.PATIENT).toString());
    CodeableConcept code = new CodeableConcept().setText("made up");
    if (target.code != null) {
      code.addCoding().setSystem(SYSTEM).setCode(target.code);
    }
    DomainResource made = switch (target.type) {
      case "Patient" -> new Patient();
      case "Observation" ->
        new Observation().setStatus(ObservationStatus.FINAL).setCode(code).setSubject(subject);
      case "Procedure" ->
        new Procedure().setStatus(ProcedureStatus.COMPLETED).setCode(code).setSubject(subject);
      default -> {
        Condition condition = new Condition().setSubject(subject);
        condition.addEvidence().addDetail(new Reference(key(Target.PROCEDURE).toString()));
        yield condition;
      }
    };
    if (target.label != null) {
      made.getMeta()
          .addSecurity()
          .setSystem("http://terminology.hl7.org/CodeSystem/v3-Confidentiality")
          .setCode(target.label);
    }
    made.getMeta().addTag(SYSTEM, RUN, null);
    made.setLanguage(note);
    return made;
  }

  private void filed(String type, String name, DomainResource content) {
    resources.write(
        Access.SERVICE, new Write.Update(new ResourceKey(type, name + "-" + RUN), content, null));
  }

  @BeforeAll
  void records() {
    for (Target target : Target.values()) {
      resources.write(Access.SERVICE, new Write.Update(key(target), content(target, "de"), null));
    }
    filed("Organization", "hospital", new Organization());
    filed("Organization", "ward", new Organization().setPartOf(to("Organization", "hospital")));
    filed("Practitioner", "doctor", new Practitioner());
    filed("Practitioner", "stranger", new Practitioner());
    filed(
        "PractitionerRole",
        "role",
        new PractitionerRole()
            .setPractitioner(to("Practitioner", "doctor"))
            .setOrganization(to("Organization", "ward")));
    // a role that is over
    filed(
        "PractitionerRole",
        "former",
        new PractitionerRole()
            .setActive(false)
            .setPractitioner(to("Practitioner", "stranger"))
            .setOrganization(to("Organization", "ward")));
  }

  private Access access(Caller caller) {
    if (caller == Caller.NOT_AUTHENTICATED) {
      return Access.anonymous(null, null);
    }
    String actor = switch (caller) {
      case DOCTOR, DOCTOR_WITHOUT_PURPOSE ->
        "https://ehr.example.org/fhir/Practitioner/doctor-" + RUN;
      case STRANGER -> "Practitioner/stranger-" + RUN;
      case OWN_APP -> key(Target.PATIENT).toString();
      case RESEARCHER, BREAKS_THE_GLASS -> "Practitioner/nobody-on-file-" + RUN;
      default -> CLIENT;
    };
    return new Access(
        actor,
        caller.scopes.equals("system") ? CLIENT : "made-up-app",
        Grants.of(List.of(caller.scopes + "/*.cruds"), key(Target.PATIENT).id()),
        new Purposes(
            caller.purpose == null ? Set.of() : Set.of(PurposeOfUse.valueOf(caller.purpose)),
            false),
        null,
        null);
  }

  @Test
  void aRecordIsHiddenExactlyWhereAConsentDeniesItOnEveryWayToIt() {
    Random random = new Random(SEED);
    List<String> wrong = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < CASES; i++) {
      ConsentCase one = made(random);
      Interaction interaction = any(random, List.of(Interaction.values()));
      boolean nested = random.nextBoolean();
      String expected = expected(one, interaction);
      String found = takenBack(() -> {
        resources.create(Access.SERVICE, consents.of(one, nested), null);
        return answered(one, interaction);
      });
      seen.add(interaction + " " + found);
      if (!found.equals(expected)) {
        wrong.add("%s %s: expected %s, was %s".formatted(interaction, one, expected, found));
      }
    }

    assertThat(wrong).as("of %d cases, seed %d", CASES, SEED).isEmpty();
    assertThat(seen).contains("UPDATE found");
    assertAnsweredInSeveralWays(EnumSet.complementOf(EnumSet.of(Interaction.UPDATE)), seen);
  }

  private static ConsentCase made(Random random) {
    return new ConsentCase(
        random.nextInt(8) > 0,
        rule(random, true),
        random.nextInt(3) == 0 ? rule(random, false) : null,
        any(random, List.of(Caller.values())),
        any(random, List.of(Target.values())));
  }

  /** @param denies an exception says less: most of what it could say is not understood */
  private static Rule rule(Random random, boolean denies) {
    int rare = denies ? 3 : 12;
    return new Rule(
        random.nextBoolean() ? Who.ANYBODY : any(random, List.of(Who.values())),
        random.nextInt(3) > 0 ? When.ALWAYS : any(random, List.of(When.values())),
        random.nextInt(rare) > 0 ? null : any(random, List.of("access", "collect")),
        random.nextInt(3) > 0 ? null : any(random, List.of("TREAT", "HRESCH", "COC")),
        random.nextInt(3) > 0
            ? null
            : any(random, List.of("Observation", "Patient", "Procedure", "Unknown")),
        random.nextInt(rare) > 0 ? null : any(random, List.of("made-up-code", "other-code")),
        random.nextInt(rare) > 0 ? null : any(random, List.of("R", "V")),
        random.nextInt(rare) > 0 ? Data.ALL : any(random, List.of(Data.values())));
  }

  private String expected(ConsentCase one, Interaction interaction) {
    boolean hidden = one.hides(one.target());
    boolean patientHidden = one.hides(Target.PATIENT);
    boolean confined = one.caller() == Caller.OWN_APP;
    return switch (interaction) {
      case READ, VREAD, HISTORY, PATCH -> hidden ? "not-found" : "found";
      case TYPE_HISTORY -> confined ? "forbidden" : hidden ? "found 0" : "found 1";
      case SEARCH, COUNT, BY_CODE, BASE -> hidden ? "found 0" : "found 1";
      case CHAIN ->
        one.target() == Target.PATIENT ? "found" : hidden || patientHidden ? "found 0" : "found 1";
      case HAS, INCLUDE, REVINCLUDE -> related(one, interaction, hidden, patientHidden);
      case EVERYTHING ->
        patientHidden
            ? "not-found"
            : List.of(Target.values()).stream()
                .filter(target -> !one.hides(target))
                .map(Enum::name)
                .sorted()
                .toList()
                .toString();
      // what is written is not read
      case UPDATE -> "found";
      case CONDITIONAL_CREATE ->
        one.target() == Target.PATIENT ? "found" : hidden ? "created" : "existed";
    };
  }

  private static String related(
      ConsentCase one, Interaction interaction, boolean hidden, boolean patientHidden) {
    if (one.target() == Target.PATIENT) {
      return "found";
    }
    return switch (interaction) {
      case HAS -> hidden || patientHidden ? "found 0" : "found 1";
      case INCLUDE -> hidden ? "found 0" : patientHidden ? "found 1 with 0" : "found 1 with 1";
      default -> patientHidden ? "found 0" : hidden ? "found 1 without" : "found 1 with it";
    };
  }

  private String answered(ConsentCase one, Interaction interaction) {
    try {
      return done(one, interaction, access(one.caller()));
    } catch (FaultException e) {
      return switch (e.fault()) {
        case Fault.NotFound gone -> "not-found";
        case Fault.VersionNotFound gone -> "not-found";
        case Fault.Forbidden no -> "forbidden";
        default -> e.fault().toString();
      };
    }
  }

  private String done(ConsentCase one, Interaction interaction, Access access) {
    Target target = one.target();
    ResourceKey key = key(target);
    String patient = key(Target.PATIENT).id();
    boolean ofPatient = target == Target.PATIENT;
    return switch (interaction) {
      case READ -> found(resources.read(access, key));
      case VREAD -> found(resources.read(access, key, "1"));
      case HISTORY -> {
        var page = resources.history(access, key, HistoryQuery.read(List.of(), settings), null);
        yield page.entries().size() == 1 ? "found" : page.entries().toString();
      }
      case TYPE_HISTORY -> {
        var query = HistoryQuery.read(List.of(new Used("_count", "1000")), settings);
        long found = resources.history(access, target.type, query, null).entries().stream()
            .filter(entry -> entry.version().key().equals(key))
            .count();
        yield "found " + found;
      }
      case SEARCH -> count(search(access, target.type, "_id=" + key.id()));
      case COUNT ->
        "found "
            + search(access, target.type, "_summary=count&_id=" + key.id())
                .total()
                .orElse(-1);
      // along the index of tokens
      case BY_CODE ->
        "found "
            + search(access, target.type, "_tag=%s|%s&_count=100".formatted(SYSTEM, RUN))
                .matches()
                .stream()
                .filter(version -> version.key().equals(key))
                .count();
      case BASE -> {
        var query = queries.parseAll(
            List.of(new Used("_tag", SYSTEM + "|" + RUN), new Used("_count", "100")), false);
        yield "found "
            + resources.search(access, query, null).matches().stream()
                .filter(version -> version.key().equals(key))
                .count();
      }
      case CHAIN ->
        ofPatient
            ? "found"
            : count(search(
                access, target.type, "subject:Patient._id=%s&_id=%s".formatted(patient, key.id())));
      case HAS ->
        ofPatient
            ? "found"
            : count(search(
                access,
                "Patient",
                "_id=%s&_has:%s:patient:_id=%s".formatted(patient, target.type, key.id())));
      case INCLUDE -> {
        if (ofPatient) {
          yield "found";
        }
        Searches.Page page = search(
            access, target.type, "_id=%s&_include=%s:patient".formatted(key.id(), target.type));
        yield count(page)
            + (page.matches().isEmpty() ? "" : " with " + page.included().size());
      }
      case REVINCLUDE -> {
        if (ofPatient) {
          yield "found";
        }
        Searches.Page page = search(
            access, "Patient", "_id=%s&_revinclude=%s:patient".formatted(patient, target.type));
        boolean brings = page.included().stream().anyMatch(with -> with.key().equals(key));
        yield count(page) + (page.matches().isEmpty() ? "" : brings ? " with it" : " without");
      }
      case EVERYTHING -> {
        Map<ResourceKey, String> names = new HashMap<>();
        for (Target each : Target.values()) {
          names.put(key(each), each.name());
        }
        yield resources
            .everything(
                access, key(Target.PATIENT), EverythingQuery.read(List.of(), settings, types), null)
            .members()
            .stream()
            .map(StoredVersion::key)
            .filter(names::containsKey)
            .map(names::get)
            .sorted()
            .toList()
            .toString();
      }
      case PATCH ->
        found(resources
            .write(access, new Write.Patch(key, current -> content(target, "en"), null))
            .version());
      case UPDATE ->
        found(resources
            .write(access, new Write.Update(key, content(target, "en"), null))
            .version());
      case CONDITIONAL_CREATE -> {
        if (ofPatient) {
          yield "found";
        }
        WriteResult result = resources.create(access, content(target, "en"), "_id=" + key.id());
        yield result.kind() == WriteResult.Kind.EXISTED ? "existed" : "created";
      }
    };
  }

  private static String found(StoredVersion version) {
    return version.deleted() ? "deleted" : "found";
  }

  private static String count(Searches.Page page) {
    assertThat(page.total().orElse(0)).isEqualTo(page.matches().size());
    return "found " + page.matches().size();
  }
}
