package org.botoxfhir.terminology;

import ca.uhn.fhir.context.FhirContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.terminology.Concepts.Concept;
import org.hl7.fhir.r4.model.CodeType;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.ValueSet;
import org.hl7.fhir.r4.model.ValueSet.ValueSetExpansionContainsComponent;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The terminology operations of R4, and the codes that searches ask for: out of what is on file, else from the terminology server that
 * is configured. What neither says is refused.
 */
@Component
public class Terminology {
  /** Header by which a request says who passed it on, so that two servers which ask each other come to an end. */
  public static final String FORWARDED = "Via";

  /** What {@link #FORWARDED} holds in requests of this service. */
  public static final String FORWARDED_BY = "1.1 botox-fhir";

  private final Definitions definitions;
  private final TerminologySettings settings;
  private final @Nullable RemoteTerminology remote;

  @Autowired
  Terminology(Definitions definitions, FhirContext context, TerminologySettings settings) {
    this(
        definitions,
        settings,
        settings.remoteUrl() == null
            ? null
            : new RemoteTerminology(context, settings.remoteUrl(), settings.remoteTimeout()));
  }

  private Terminology(
      Definitions definitions, TerminologySettings settings, @Nullable RemoteTerminology remote) {
    this.definitions = definitions;
    this.settings = settings;
    this.remote = remote;
  }

  /** The same, out of what is on file only. */
  public Terminology here() {
    return new Terminology(definitions, settings, null);
  }

  /** R4 valueset-operation-expand.html. */
  public ValueSet expand(ExpandRequest request) {
    return answer(
        () -> {
          ValueSet set = found(request.set());
          Evaluation evaluation = new Evaluation(definitions, null);
          Collection<Member> members = evaluation.members(set);
          return Expansions.answer(
              request, set, members, evaluation.versions(), settings.maxExpansion());
        },
        server -> bounded(
            request,
            server.call(
                "ValueSet/$expand",
                RemoteRequests.expand(request, onFile(request.set())),
                ValueSet.class)));
  }

  private ValueSet bounded(ExpandRequest request, ValueSet expanded) {
    int listed = listed(expanded.getExpansion().getContains());
    if (request.count() == null
        && (listed > settings.maxExpansion()
            || expanded.getExpansion().getTotal() > request.offset() + listed)) {
      throw Expansions.tooLarge(
          Math.max(listed, expanded.getExpansion().getTotal()), settings.maxExpansion());
    }
    return expanded;
  }

  private static int listed(List<ValueSetExpansionContainsComponent> contains) {
    return contains.stream().mapToInt(one -> 1 + listed(one.getContains())).sum();
  }

  /** R4 valueset-operation-validate-code.html. */
  public Parameters validate(SetSource source, Checked checked) {
    return answer(
        () -> {
          ValueSet set = found(source);
          String name = set.hasUrl() ? set.getUrl() : "that was sent";
          return checked(checked, (coding, checks) -> {
            Coded coded = new Coded(coding.getSystem(), coding.getCode());
            Evaluation evaluation = new Evaluation(definitions, coded);
            Optional<Member> member = evaluation.members(set).stream().findFirst();
            if (member.isEmpty()) {
              checks.wrong("%s is not in the value set '%s'".formatted(coded, name));
              if (!evaluation.names(coded.system())
                  && definitions.codeSystem(coded.system(), null).isEmpty()) {
                throw unknown("code system", coded.system());
              }
            }
            return member;
          });
        },
        server -> server.call(
            "ValueSet/$validate-code",
            RemoteRequests.validate(source, onFile(source), checked),
            Parameters.class));
  }

  /** R4 codesystem-operation-validate-code.html. */
  public Parameters validate(SystemSource source, Checked checked) {
    return answer(
        () -> {
          Concepts system = found(source);
          return checked(checked, (coding, checks) -> {
            if (coding.hasSystem() && !coding.getSystem().equals(system.url())) {
              checks.wrong(
                  "'%s' is not the code system '%s'".formatted(coding.getSystem(), system.url()));
              return Optional.empty();
            }
            Optional<Concept> concept = system.find(coding.getCode());
            if (concept.isEmpty()) {
              if (!system.complete()) {
                throw incomplete(system, coding.getCode());
              }
              checks.wrong("'%s' is no code of '%s'".formatted(coding.getCode(), system.url()));
            }
            return concept.map(one -> Evaluation.member(system.url(), system, one));
          });
        },
        server -> server.call(
            "CodeSystem/$validate-code",
            RemoteRequests.validate(source, checked),
            Parameters.class));
  }

  /**
   * One right coding settles it. Only where none is right it matters what cannot be told of one of them; a code system that is unknown
   * only where all are, as local codes often stand beside others.
   */
  private static Parameters checked(
      Checked checked, BiFunction<Coding, CodeChecks, Optional<Member>> look) {
    var checks = new CodeChecks(checked);
    List<FaultException> unknown = new ArrayList<>();
    FaultException untold = null;
    for (Coding coding : checked.codings()) {
      try {
        Optional<Member> member = look.apply(coding, checks);
        if (member.isPresent() && checks.right(coding, member.get())) {
          return checks.answer(true);
        }
      } catch (FaultException e) {
        if (e.fault() instanceof Fault.UnknownTerminology) {
          unknown.add(e);
        } else {
          untold = untold == null ? e : untold;
        }
      }
    }
    if (untold != null) {
      throw untold;
    }
    if (unknown.size() == checked.codings().size()) {
      throw unknown.getFirst();
    }
    return checks.answer(false);
  }

  /** R4 codesystem-operation-lookup.html. */
  public Parameters lookup(LookupRequest request) {
    return answer(
        () -> {
          Concepts system =
              found(new SystemSource.Named(request.coded().system(), request.version()));
          return Lookups.answer(
              request, system, required(system, request.coded().code()));
        },
        server ->
            server.call("CodeSystem/$lookup", RemoteRequests.lookup(request), Parameters.class));
  }

  /** R4 codesystem-operation-subsumes.html, of codes of the system. */
  public Parameters subsumes(SystemSource source, String codeA, String codeB) {
    return answer(
        () -> {
          Concepts system = found(source);
          Concept a = required(system, codeA);
          Concept b = required(system, codeB);
          String outcome;
          if (a.code().equals(b.code())) {
            outcome = "equivalent";
          } else if (system.withBelow(a).contains(b.code())) {
            outcome = "subsumes";
          } else if (system.withBelow(b).contains(a.code())) {
            outcome = "subsumed-by";
          } else if (system.complete()) {
            outcome = "not-subsumed";
          } else {
            throw incomplete(system, codeA);
          }
          var answer = new Parameters();
          answer.addParameter().setName("outcome").setValue(new CodeType(outcome));
          return answer;
        },
        server -> server.call(
            "CodeSystem/$subsumes",
            RemoteRequests.subsumes(source, codeA, codeB),
            Parameters.class));
  }

  /**
   * The codes of a value set, for a search.
   *
   * @param name canonical URL, with or without a version, or {@code ValueSet/id}
   * @param most more may be left out: the caller takes no more
   */
  public Collection<Coded> codes(String name, int most) {
    SetSource source = new SetSource.Named(name, null);
    return answer(
        () -> new Evaluation(definitions, null)
            .members(found(source)).stream().map(Member::coded).toList(),
        server -> {
          var request = new ExpandRequest(source, null, 0, most + 1, false, false, false, null);
          ValueSet expanded = server.call(
              "ValueSet/$expand", RemoteRequests.expand(request, onFile(source)), ValueSet.class);
          Set<Coded> codes = new LinkedHashSet<>();
          collect(expanded.getExpansion().getContains(), codes);
          int listed = listed(expanded.getExpansion().getContains());
          if (listed <= most && expanded.getExpansion().getTotal() > listed) {
            throw Expansions.tooLarge(expanded.getExpansion().getTotal(), listed);
          }
          return codes;
        });
  }

  private static void collect(List<ValueSetExpansionContainsComponent> contains, Set<Coded> codes) {
    for (ValueSetExpansionContainsComponent one : contains) {
      if (one.hasSystem() && one.hasCode() && !one.getAbstract()) {
        codes.add(new Coded(one.getSystem(), one.getCode()));
      }
      collect(one.getContains(), codes);
    }
  }

  /** A code and those that it subsumes. */
  public Set<String> below(Coded coded) {
    return related(coded, Concepts::withBelow);
  }

  /** A code and those that subsume it. */
  public Set<String> above(Coded coded) {
    return related(coded, Concepts::withAbove);
  }

  private Set<String> related(Coded coded, BiFunction<Concepts, Concept, Set<String>> relation) {
    Concepts system = found(new SystemSource.Named(coded.system(), null));
    Concept concept = required(system, coded.code());
    if (!system.complete()) {
      throw incomplete(system, coded.code());
    }
    return relation.apply(system, concept);
  }

  /** Here, else there: not for what is wrong with the request itself. */
  private <T> T answer(Supplier<T> here, Function<RemoteTerminology, T> there) {
    try {
      return here.get();
    } catch (FaultException e) {
      RemoteTerminology server = remote;
      boolean elsewhere = e.fault() instanceof Fault.UnknownTerminology
          || e.fault() instanceof Fault.TerminologyNotHere;
      if (server == null || !elsewhere) {
        throw e;
      }
      return there.apply(server);
    }
  }

  private ValueSet found(SetSource source) {
    return switch (source) {
      case SetSource.Given(var set) -> set;
      case SetSource.Named named -> {
        CanonicalName name = CanonicalName.of(named.url(), named.version());
        yield definitions
            .valueSet(name.url(), name.version())
            .orElseThrow(() -> unknown("value set", name.toString()));
      }
    };
  }

  private Optional<ValueSet> onFile(SetSource source) {
    return switch (source) {
      case SetSource.Given(var set) -> Optional.of(set);
      case SetSource.Named named -> {
        CanonicalName name = CanonicalName.of(named.url(), named.version());
        yield definitions.valueSet(name.url(), name.version());
      }
    };
  }

  /** A code system that has concepts here: one of which only the name is known is as good as unknown. */
  private Concepts found(SystemSource source) {
    return switch (source) {
      case SystemSource.Given(var system) -> Concepts.of(system);
      case SystemSource.Named named -> {
        CanonicalName name = CanonicalName.of(named.url(), named.version());
        yield definitions
            .codeSystem(name.url(), name.version())
            .filter(Concepts::partly)
            .orElseThrow(() -> unknown("code system", name.toString()));
      }
    };
  }

  private static Concept required(Concepts system, String code) {
    return system
        .find(code)
        .orElseThrow(() -> system.complete()
            ? new FaultException(new Fault.NoCode(system.url(), code))
            : incomplete(system, code));
  }

  private static FaultException incomplete(Concepts system, String code) {
    return new FaultException(Fault.terminologyNotHere(
        "only a part of the code system '%s' is on file (%s), which does not tell about '%s'"
            .formatted(system.url(), system.content(), code)));
  }

  private FaultException unknown(String kind, String name) {
    return Evaluation.notOnFile(
        definitions,
        Fault.unknownTerminology(
            "the content of the %s '%s' is not on file; store it, or name a terminology server that has it (botox.terminology.remote-url)"
                .formatted(kind, name)));
  }
}
