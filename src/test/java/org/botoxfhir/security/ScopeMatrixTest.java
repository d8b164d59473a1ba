package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.search.EverythingQuery;
import org.botoxfhir.search.HistoryQuery;
import org.botoxfhir.search.Searches;
import org.botoxfhir.security.ScopeCase.Interaction;
import org.botoxfhir.security.ScopeCase.Whose;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Condition;
import org.hl7.fhir.r4.model.DomainResource;
import org.hl7.fhir.r4.model.Encounter;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Observation.ObservationStatus;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Practitioner;
import org.hl7.fhir.r4.model.Procedure;
import org.hl7.fhir.r4.model.Procedure.ProcedureStatus;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.Task;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Generated tokens against generated interactions with the records of the patient of the launch, of another patient, and with what is not on
 * file: each is allowed exactly when {@link Scope} says so, and what is refused answers the same for another's record as for none.
 */
class ScopeMatrixTest extends GeneratedCases {
  private static final int CASES = 3000;
  private static final long SEED = 20261127L;
  private static final String RUN = UUID.randomUUID().toString().substring(0, 8);
  private static final String SYSTEM = "urn:scope-matrix";
  private static final List<String> CATEGORIES = List.of("laboratory", "vital-signs");
  private static final List<String> TYPES = List.of(
      "Patient", "Observation", "Procedure", "Encounter", "Condition", "Practitioner", "Task");
  private static final List<String> LETTERS = List.of(
      "c", "r", "u", "d", "s", "rs", "ru", "cs", "us", "ds", "cud", "cruds", "read", "write", "*");

  /** What came of it: {@code found 1}, {@code forbidden}, {@code not-found}, {@code stored}, ... and what was said. */
  private record Outcome(String what, String said) {}

  private String patient(Whose whose) {
    return "scope-%s-%s".formatted(whose.name().toLowerCase(Locale.ROOT), RUN);
  }

  private String id(String type, Whose whose, String category) {
    return type.equals("Patient")
        ? patient(whose)
        : "%s-%s-%s"
            .formatted(
                whose.name().toLowerCase(Locale.ROOT),
                type.equals("Observation") ? category : "one",
                RUN);
  }

  private DomainResource content(String type, Whose whose, String category, String note) {
    Reference subject = new Reference("Patient/" + patient(whose));
    Identifier identifier =
        new Identifier().setSystem(SYSTEM).setValue(type + id(type, whose, category));
    DomainResource made = switch (type) {
      case "Patient" -> new Patient().addIdentifier(identifier);
      case "Observation" -> {
        Observation observation = new Observation()
            .addIdentifier(identifier)
            .setStatus(ObservationStatus.FINAL)
            .setSubject(subject);
        observation.getCode().setText("made up");
        observation
            .addCategory()
            .addCoding()
            .setSystem("http://terminology.hl7.org/CodeSystem/observation-category")
            .setCode(category);
        yield observation;
      }
      case "Procedure" ->
        new Procedure()
            .addIdentifier(identifier)
            .setStatus(ProcedureStatus.COMPLETED)
            .setSubject(subject);
      case "Encounter" -> {
        Encounter encounter = new Encounter()
            .addIdentifier(identifier)
            .setStatus(Encounter.EncounterStatus.FINISHED)
            .setSubject(subject);
        encounter
            .getClass_()
            .setSystem("http://terminology.hl7.org/CodeSystem/v3-ActCode")
            .setCode("AMB");
        yield encounter;
      }
      case "Condition" -> new Condition().addIdentifier(identifier).setSubject(subject);
      case "Practitioner" -> new Practitioner().addIdentifier(identifier);
      case "Task" ->
        new Task()
            .addIdentifier(identifier)
            .setStatus(Task.TaskStatus.REQUESTED)
            .setIntent(Task.TaskIntent.ORDER)
            .setFor(subject);
      default -> throw new IllegalArgumentException(type);
    };
    made.setLanguage(note);
    return made;
  }

  @BeforeAll
  void records() {
    for (Whose whose : List.of(Whose.OWN, Whose.OTHERS)) {
      for (String type : TYPES) {
        for (String category : type.equals("Observation") ? CATEGORIES : List.of("none")) {
          var key = new ResourceKey(type, id(type, whose, category));
          resources.write(
              Access.SERVICE, new Write.Update(key, content(type, whose, category, "de"), null));
        }
      }
    }
  }

  @Test
  void anInteractionIsAllowedExactlyWhenTheScopesOfTheTokenSayAndWhatIsRefusedTellsNothing() {
    Random random = new Random(SEED);
    Set<String> seen = new HashSet<>();
    List<String> wrong = new ArrayList<>();
    for (int i = 0; i < CASES; i++) {
      ScopeCase one = made(random);
      Outcome outcome = outcome(one);
      String expected = one.expected();
      seen.add(one.interaction() + " " + outcome.what());
      if (!outcome.what().equals(expected)) {
        wrong.add("%s: expected %s, was %s: %s"
            .formatted(shown(one), expected, outcome.what(), outcome.said()));
      } else if (one.whose() == Whose.OTHERS && !outcome.what().startsWith("found")) {
        ScopeCase none =
            new ScopeCase(one.scopes(), one.interaction(), one.type(), Whose.NONE, one.category());
        Outcome ofNone = outcome(none);
        if (none.expected().equals(expected)
            && !anonymous(outcome.said(), one).equals(anonymous(ofNone.said(), none))) {
          wrong.add("%s tells '%s' and of none '%s'"
              .formatted(shown(one), outcome.said(), ofNone.said()));
        }
      }
    }

    assertThat(wrong).as("of %d cases, seed %d", CASES, SEED).isEmpty();
    assertAnsweredInSeveralWays(EnumSet.allOf(Interaction.class), seen);
  }

  private static String shown(ScopeCase one) {
    return "%s %s of %s (%s) by %s"
        .formatted(
            one.interaction(),
            one.type(),
            one.whose(),
            one.category(),
            one.scopes().stream().map(Scope::text).toList());
  }

  private String anonymous(String said, ScopeCase one) {
    return said.replace(id(one.type(), one.whose(), one.category()), "[id]")
        .replace(patient(one.whose()), "[patient]");
  }

  private static ScopeCase made(Random random) {
    List<Scope> scopes = new ArrayList<>();
    for (int n = 1 + random.nextInt(3); n > 0; n--) {
      String context = any(random, List.of("patient", "patient", "user", "system"));
      String type = random.nextInt(4) == 0 ? "*" : any(random, TYPES);
      String letters = any(random, LETTERS);
      boolean restricted = type.equals("Observation")
          && !List.of("read", "write", "*").contains(letters)
          && random.nextInt(3) == 0;
      scopes.add(new Scope(context, type, letters, restricted ? any(random, CATEGORIES) : null));
    }
    Interaction interaction = any(random, List.of(Interaction.values()));
    // Half of the cases are about a type that the token names.
    String named = scopes.getFirst().type();
    String type = random.nextBoolean() && !named.equals("*") ? named : any(random, TYPES);
    return new ScopeCase(
        scopes,
        interaction,
        switch (interaction) {
          case CHAIN, INCLUDE -> type.equals("Patient") ? "Observation" : clinical(type);
          case HAS, REVINCLUDE -> clinical(type);
          case EVERYTHING -> "Patient";
          default -> type;
        },
        any(random, List.of(Whose.values())),
        any(random, CATEGORIES));
  }

  private static String clinical(String type) {
    return List.of("Observation", "Procedure", "Encounter", "Condition").contains(type)
        ? type
        : "Observation";
  }

  private Outcome outcome(ScopeCase one) {
    Access access = new Access(
        "test",
        null,
        Grants.of(one.scopes().stream().map(Scope::text).toList(), patient(Whose.OWN)),
        null,
        null);
    return takenBack(() -> answered(() -> done(one, access)));
  }

  private Outcome done(ScopeCase one, Access access) {
    String id = id(one.type(), one.whose(), one.category());
    var key = new ResourceKey(one.type(), id);
    String patient = "Patient/" + patient(one.whose());
    return switch (one.interaction()) {
      case READ -> found(resources.read(access, key));
      case VREAD -> found(resources.read(access, key, "1"));
      case HISTORY ->
        new Outcome(
            "found "
                + resources
                    .history(access, key, HistoryQuery.read(List.of(), settings), null)
                    .entries()
                    .size(),
            "");
      case TYPE_HISTORY -> {
        resources.history(access, one.type(), HistoryQuery.read(List.of(), settings), null);
        yield new Outcome("history", "");
      }
      case SEARCH -> found(search(access, one.type(), "_id=" + id));
      case COUNT ->
        new Outcome(
            "found "
                + search(access, one.type(), "_summary=count&_id=" + id).total().orElse(-1),
            "");
      case CHAIN ->
        found(search(
            access,
            one.type(),
            "subject:Patient._id=%s&_id=%s".formatted(patient(one.whose()), id)));
      case HAS ->
        found(search(
            access,
            "Patient",
            "_id=%s&_has:%s:patient:_id=%s".formatted(patient(one.whose()), one.type(), id)));
      case INCLUDE ->
        found(search(access, one.type(), "_id=%s&_include=%s:patient".formatted(id, one.type())));
      case REVINCLUDE -> {
        Searches.Page page = search(
            access,
            "Patient",
            "_id=%s&_revinclude=%s:patient".formatted(patient(one.whose()), one.type()));
        boolean brings = page.included().stream().anyMatch(with -> with.key().equals(key));
        yield new Outcome("found " + page.matches().size() + (brings ? " with some" : ""), "");
      }
      case EVERYTHING -> {
        var page = resources.everything(
            access, key, EverythingQuery.read(List.of(), settings, types), null);
        page.members()
            .forEach(member -> assertThat(member.key())
                .as("%s", shown(one))
                .matches(with -> with.type().equals("Patient")
                    || Scope.one(
                        one.scopes(), with.type(), 's', one.whose() == Whose.OWN, category(with))));
        yield new Outcome("found 1", "");
      }
      case CREATE -> stored(resources.create(access, made(one), null));
      case CONDITIONAL_CREATE ->
        stored(resources.create(
            access, made(one), "identifier=%s|%s%s".formatted(SYSTEM, one.type(), id)));
      case UPDATE ->
        stored(resources.write(
            access,
            new Write.Update(key, content(one.type(), one.whose(), one.category(), "en"), null)));
      case PATCH ->
        stored(resources.write(
            access,
            new Write.Patch(
                key, current -> content(one.type(), one.whose(), one.category(), "en"), null)));
      case DELETE ->
        deletable(one, () -> List.of(resources.write(access, new Write.Delete(key, null))));
      case CONDITIONAL_DELETE ->
        deletable(
            one,
            () -> resources.delete(
                access, one.type(), "identifier=%s|%s%s".formatted(SYSTEM, one.type(), id), null));
    };
  }

  private static String category(ResourceKey key) {
    return CATEGORIES.stream().filter(key.id()::contains).findFirst().orElse("none");
  }

  private Resource made(ScopeCase one) {
    return content(one.type(), one.whose(), one.category(), "en");
  }

  /** A Patient with records is not deleted: that it was tried is what matters here. */
  private Outcome deletable(ScopeCase one, Supplier<List<WriteResult>> deletion) {
    try {
      List<WriteResult> results = deletion.get();
      boolean deleted = results.stream().anyMatch(result -> result.version().version() > 1);
      return new Outcome(deleted ? "deleted" : "nothing to delete", results.size() + "");
    } catch (FaultException e) {
      if (e.fault() instanceof Fault.StillReferenced && one.type().equals("Patient")) {
        return new Outcome("deleted", "");
      }
      throw e;
    }
  }

  private static Outcome found(StoredVersion version) {
    return new Outcome("found 1", version.key().toString());
  }

  private static Outcome found(Searches.Page page) {
    String with = page.included().isEmpty() ? "" : " with " + page.included().size();
    assertThat(page.total().orElse(0)).isEqualTo(page.matches().size());
    return new Outcome("found " + page.matches().size() + with, "");
  }

  private static Outcome stored(WriteResult result) {
    return new Outcome(result.kind() == WriteResult.Kind.EXISTED ? "existed" : "stored", "");
  }

  private static Outcome answered(Supplier<Outcome> work) {
    try {
      return work.get();
    } catch (FaultException e) {
      return switch (e.fault()) {
        case Fault.Forbidden(var findings, var scope) ->
          new Outcome("forbidden", said(findings) + scope);
        case Fault.NotFound(var key) -> new Outcome("not-found", key.toString());
        case Fault.VersionNotFound(var key, var version) ->
          new Outcome("not-found", key + "/" + version);
        case Fault.Gone(var key, var version) -> new Outcome("gone", key.toString());
        case Fault.Refused(var findings) -> new Outcome("refused", said(findings));
        default -> new Outcome(e.fault().toString(), "");
      };
    }
  }

  private static String said(List<Finding> findings) {
    return findings.stream().map(Finding::text).toList().toString();
  }
}
