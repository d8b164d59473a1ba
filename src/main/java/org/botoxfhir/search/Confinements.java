package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.RestSearchParameterTypeEnum;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.search.Confinement.Reach;
import org.botoxfhir.search.SearchQuery.Criterion;
import org.botoxfhir.search.SearchQuery.Selectivity;
import org.botoxfhir.search.SearchQuery.TokenValue;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Grants;
import org.botoxfhir.security.Grants.Bound;
import org.botoxfhir.security.Grants.Restriction;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.instance.model.api.IBase;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * From what scopes allow to which resources that are. A patient's scope reaches what belongs to the patient's compartment, as {@link
 * Compartments} has it, the Patient itself but no other, and for reading what is nobody's record.
 */
@Component
public final class Confinements {
  private static final String PATIENT = "Patient";

  /** Types whose resources are nobody's record: who gives care, where, with what, and definitions. */
  private static final Set<String> SHARED = Set.of(
      "ActivityDefinition",
      "CapabilityStatement",
      "CodeSystem",
      "ConceptMap",
      "HealthcareService",
      "Location",
      "Medication",
      "NamingSystem",
      "OperationDefinition",
      "Organization",
      "PlanDefinition",
      "Practitioner",
      "PractitionerRole",
      "Questionnaire",
      "SearchParameter",
      "StructureDefinition",
      "Substance",
      "ValueSet");

  private final SearchParameters parameters;
  private final CriterionReader criteria;
  private final Compartments compartments;
  private final IndexRowExtractor extractor;
  private final ServedTypes types;
  private final Denials denials;
  private final FhirContext context;

  Confinements(
      SearchParameters parameters,
      CriterionReader criteria,
      Compartments compartments,
      IndexRowExtractor extractor,
      ServedTypes types,
      Denials denials,
      FhirContext context) {
    this.parameters = parameters;
    this.criteria = criteria;
    this.compartments = compartments;
    this.extractor = extractor;
    this.types = types;
    this.denials = denials;
    this.context = context;
  }

  /** What a caller may touch of a type. What Consents deny is told of each resource that it is asked of. */
  public Confinement of(Access access, Permission permission, String type) {
    return of(access.grants(), permission, type, new Requester(denials, access));
  }

  /** The same, of a caller who is going to be asked of many; asks first whether any Consent denies anything. */
  public Confinement ofMany(Access access, Permission permission, String type) {
    return of(access.grants(), permission, type, requester(access, permission, type));
  }

  /** What a caller may read of those of some types that Consents narrow; nothing where nobody denies anything. */
  public Map<String, Confinement> narrowed(
      Access access, Permission permission, Collection<String> some) {
    Requester requester = requester(access, permission, PATIENT);
    Map<String, Confinement> narrowed = new HashMap<>();
    for (String type : requester == null ? List.<String>of() : some) {
      Confinement confinement = of(access.grants(), permission, type, requester);
      if (confinement.mindsConsents()) {
        narrowed.put(type, confinement);
      }
    }
    return narrowed;
  }

  private @Nullable Requester requester(Access access, Permission permission, String type) {
    return access.grants().reachOthers() && isRead(permission) && mayBelong(type) && denials.any()
        ? new Requester(denials, access)
        : null;
  }

  /** @param requester null where no Consent denies anything */
  Confinement of(Grants grants, Permission permission, String type, @Nullable Requester requester) {
    if (grants.isAll()) {
      return Confinement.WHOLE_TYPE;
    }
    if (!types.serves(type)) {
      return Confinement.nothing(new Fault.TypeNotServed(type, types.all()));
    }
    List<Reach> reaches = new ArrayList<>();
    List<String> unusable = new ArrayList<>();
    for (Bound bound : grants.bounds(type, permission)) {
      reach(grants, permission, type, bound, unusable)
          .map(reach -> undenied(reach, bound, permission, type, requester))
          .ifPresent(reaches::add);
    }
    if (reaches.isEmpty()) {
      boolean byPatient = !own(type, "any", permission).contains(new Criterion.Nothing());
      return Confinement.nothing(new Fault.Forbidden(
          List.of(Finding.error(
              "forbidden", grants.refusal(type, permission, byPatient, unusable), null)),
          Grants.needed(type, permission, byPatient)));
    }
    return reaches.stream().anyMatch(reach -> reach.criteria().isEmpty())
        ? Confinement.WHOLE_TYPE
        : Confinement.anyOf(reaches);
  }

  /** What Consents deny concerns what others than the patient's own app read; who breaks the glass reads it as a user. */
  private Reach undenied(
      Reach reach, Bound bound, Permission permission, String type, @Nullable Requester requester) {
    if (requester == null
        || reach.ownRecord()
        || !isRead(permission)
        || !mayBelong(type)
        || bound.ofUser() && requester.breaksTheGlass()) {
      return reach;
    }
    List<Criterion> all = new ArrayList<>(reach.criteria());
    all.add(new Criterion.Undenied(requester));
    return new Reach(false, all);
  }

  private static boolean isRead(Permission permission) {
    return permission == Permission.READ || permission == Permission.SEARCH;
  }

  /** Whether resources of a type may be part of a patient's record. */
  boolean mayBelong(String type) {
    return type.equals(PATIENT)
        || types.serves(type) && !parameters.patient(type).isEmpty();
  }

  /** What a caller sees while searching. */
  public Sight sight(Access access, Permission permission) {
    return access.grants().isAll()
        ? Sight.OF_ALL
        : new Sight(this, access.grants(), permission, requesterOnce(access, permission));
  }

  /** Asked of Consents once, and only where a type is looked for that they may be about. */
  private Supplier<@Nullable Requester> requesterOnce(Access access, Permission permission) {
    return new Supplier<>() {
      private boolean asked;
      private @Nullable Requester requester;

      @Override
      public @Nullable Requester get() {
        if (!asked) {
          requester = requester(access, permission, PATIENT);
          asked = true;
        }
        return requester;
      }
    };
  }

  private Optional<Reach> reach(
      Grants grants, Permission permission, String type, Bound bound, List<String> unusable) {
    List<Criterion> all = new ArrayList<>();
    if (bound.ownRecord()) {
      all.addAll(own(type, Objects.requireNonNull(grants.patient()), permission));
    }
    if (all.contains(new Criterion.Nothing())) {
      return Optional.empty();
    }
    for (Restriction restriction : bound.restrictions()) {
      Optional<Criterion> read = read(type, restriction);
      if (read.isEmpty()) {
        unusable.add("'%s' ('%s' is no parameter of %s by a code)"
            .formatted(bound.scope(), restriction.parameter(), type));
        return Optional.empty();
      }
      all.add(read.get());
    }
    return Optional.of(new Reach(bound.ownRecord(), all));
  }

  /** A category, a code, a status: anything that a type is searched by as a token, without modifier. */
  private Optional<Criterion> read(String type, Restriction restriction) {
    Parameter parameter = parameters.of(type).get(restriction.parameter());
    if (parameter == null
        || restriction.parameter().startsWith("_")
        || parameter.kind() != RestSearchParameterTypeEnum.TOKEN) {
      return Optional.empty();
    }
    try {
      Criterion read = criteria.read(type, restriction.parameter(), restriction.value());
      return read instanceof Criterion.Tokens ? Optional.of(read) : Optional.empty();
    } catch (UnreadableParameterException unreadable) {
      return Optional.empty();
    }
  }

  /** What a patient's scope reaches of a type; no criterion where it is all. */
  private List<Criterion> own(String type, String patient, Permission permission) {
    if (type.equals(PATIENT)) {
      return List.of(new Criterion.Ids(Set.of(patient)));
    }
    List<Short> numbers = membership(type);
    if (!numbers.isEmpty()) {
      String reference = PATIENT + "/" + patient;
      return List.of(new Criterion.Tokens(
          numbers, Selectivity.REFERENCE, List.of(new TokenValue(reference, null))));
    }
    return SHARED.contains(type) && isRead(permission)
        ? List.of()
        : List.of(new Criterion.Nothing());
  }

  private List<Short> membership(String type) {
    return compartments.numbers(PATIENT, List.of(type)).stream()
        .map(Long::shortValue)
        .sorted()
        .toList();
  }

  /** Whether a stored version may be touched. */
  public boolean covers(Confinement confinement, StoredVersion version) {
    if (confinement.isWholeType() || confinement.isNothing()) {
      return confinement.isWholeType();
    }
    var resource = (Resource)
        context.newJsonParser().parseResource(new ByteArrayInputStream(version.content()));
    return confinement.covers(version.key(), extractor.extract(resource));
  }

  /**
   * Whether a caller may leave a resource like this one: what a patient's scope reaches must moreover be of the patient's own record, and not
   * only mention the patient in another's.
   */
  public boolean mayWrite(
      Grants grants, Confinement confinement, ResourceKey key, Resource resource) {
    if (confinement.isWholeType() || confinement.isNothing()) {
      return confinement.isWholeType();
    }
    var rows = extractor.extract(resource);
    return confinement.coversAsOthers(key, rows)
        || confinement.covers(key, rows) && isOwn(key, resource, grants.patient());
  }

  private boolean isOwn(ResourceKey key, Resource resource, @Nullable String patient) {
    if (key.type().equals(PATIENT)) {
      return key.id().equals(patient);
    }
    ResourceKey own = new ResourceKey(PATIENT, Objects.requireNonNull(patient));
    List<Parameter> says = parameters.patient(key.type());
    Set<ResourceKey> named = new LinkedHashSet<>();
    if (!says.isEmpty()) {
      for (IBase value :
          parameters.values(resource, parameters.indexed(says.getFirst()).expressions())) {
        if (value instanceof Reference reference && reference.hasReference()) {
          ResourceKey.ofReference(reference.getReference()).ifPresent(named::add);
        }
      }
    }
    return named.equals(Set.of(own));
  }

  /**
   * What a resource of a patient's own record may refer to only where it belongs to the same record.
   *
   * @return null where the caller may write it whosever record it is
   */
  public @Nullable String confinedTo(
      Grants grants, Confinement confinement, ResourceKey key, Resource resource) {
    return confinement.isWholeType() || confinement.coversAsOthers(key, extractor.extract(resource))
        ? null
        : grants.patient();
  }

  /** Whether resources of a type are parts of patients' records. */
  public boolean isOfPatients(String type) {
    return type.equals(PATIENT) || types.serves(type) && !membership(type).isEmpty();
  }

  /**
   * Those of some types of which a caller may see every resource, but for what Consents deny.
   *
   * @param what is done with all of them, for whoever may not
   * @throws FaultException when there is none
   */
  public List<String> wholeTypes(
      Access access, Permission permission, List<String> asked, String what) {
    if (access.grants().isAll()) {
      return asked;
    }
    List<String> whole = asked.stream()
        .filter(type -> of(access.grants(), permission, type, null).isWholeType())
        .toList();
    if (whole.isEmpty()) {
      of(access.grants(), permission, asked.getFirst(), null).required();
      throw new FaultException(Fault.forbidden(
          what + " takes a scope that is confined neither to a patient nor by '?'"));
    }
    return whole;
  }
}
