package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import java.io.ByteArrayInputStream;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.Denial;
import org.botoxfhir.store.DenialTable;
import org.botoxfhir.store.SearchTables;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Organization;
import org.hl7.fhir.r4.model.PractitionerRole;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.springframework.stereotype.Component;

/** What Consents on file deny, and by what names of the record they may call a caller. Nothing is kept: a Consent counts once it is answered. */
@Component
class Denials {
  private static final String ROLE = "PractitionerRole";

  /** Roles of one person, and steps from a ward to the whole that it is part of; no hospital has more. */
  private static final int MOST_ROLES = 1000;

  private static final int MOST_STEPS = 10;

  private final DenialTable table;
  private final SearchTables resources;
  private final SearchParameters parameters;
  private final IndexCompleteness completeness;
  private final FhirContext context;
  private final FhirSettings settings;

  Denials(
      DenialTable table,
      SearchTables resources,
      SearchParameters parameters,
      IndexCompleteness completeness,
      FhirContext context,
      FhirSettings settings) {
    this.table = table;
    this.resources = resources;
    this.parameters = parameters;
    this.completeness = completeness;
    this.context = context;
    this.settings = settings;
  }

  /** Whether anything is denied to anybody. */
  boolean any() {
    return table.any();
  }

  /** Denials with their exceptions, each list those of one Consent, by patient. */
  Map<String, List<List<Denial>>> of(Collection<String> patients) {
    return table.of(patients);
  }

  /** A person with the roles that the person has, as far as these are on file, and the organizations, with what these are part of. */
  Set<ResourceKey> roles(ResourceKey user) {
    Set<ResourceKey> all = new LinkedHashSet<>(Set.of(user));
    Set<ResourceKey> organizations = new LinkedHashSet<>();
    if (user.type().equals(ROLE)) {
      resources.current(Set.of(user)).forEach(role -> add(role, all, organizations));
    }
    List<ResourceKey> people =
        all.stream().filter(key -> key.type().equals("Practitioner")).toList();
    people.forEach(person -> held(person).forEach(role -> add(role, all, organizations)));
    Set<ResourceKey> parts = organizations;
    for (int step = 0; step < MOST_STEPS && !parts.isEmpty(); step++) {
      all.addAll(parts);
      parts = wholes(parts);
      parts.removeAll(all);
    }
    return all;
  }

  private Set<ResourceKey> wholes(Set<ResourceKey> parts) {
    Set<ResourceKey> wholes = new LinkedHashSet<>();
    for (StoredVersion part : resources.current(parts)) {
      if (parsed(part) instanceof Organization organization) {
        add(organization.getPartOf(), "Organization", wholes);
      }
    }
    return wholes;
  }

  private List<StoredVersion> held(ResourceKey person) {
    Set<Long> numbers = parameters.referenceNumbers(ROLE, "practitioner");
    completeness.require(numbers);
    return Searches.inTime(
        settings,
        () -> resources.byTokens(
            List.of(person.toString()), numbers, MOST_ROLES, settings.searchTimeout()));
  }

  private void add(StoredVersion version, Set<ResourceKey> all, Set<ResourceKey> organizations) {
    if (parsed(version) instanceof PractitionerRole role
        && (!role.hasActive() || role.getActive())) {
      all.add(version.key());
      add(role.getPractitioner(), "Practitioner", all);
      add(role.getOrganization(), "Organization", organizations);
    }
  }

  private static void add(Reference reference, String type, Set<ResourceKey> keys) {
    if (reference.hasReference()) {
      ResourceKey.ofReference(reference.getReference())
          .filter(key -> key.type().equals(type))
          .ifPresent(keys::add);
    }
  }

  private Resource parsed(StoredVersion version) {
    return (Resource)
        context.newJsonParser().parseResource(new ByteArrayInputStream(version.content()));
  }
}
