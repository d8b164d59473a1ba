package org.botoxfhir.search;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.PurposeOfUse;
import org.botoxfhir.store.Denial;
import org.botoxfhir.store.IndexRows;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;

/**
 * Whom Consents may deny something: one caller in one request, at one moment. Belongs to the request's thread. {@link DenialSql} asks the same of
 * the database.
 */
final class Requester {
  /** Before the value of an identifier, where the key of a resource has a letter. */
  static final String IDENTIFIER = "|";

  private final Denials rules;
  private final Access access;
  private final Instant at = Instant.now();
  private final Map<String, List<List<Denial>>> known = new HashMap<>();
  private @Nullable Set<String> names;

  Requester(Denials rules, Access access) {
    this.rules = rules;
    this.access = access;
  }

  Instant at() {
    return at;
  }

  /** What a Consent may call the caller. */
  Set<String> names() {
    Set<String> all = names;
    if (all == null) {
      all = new TreeSet<>();
      all.add(IDENTIFIER + access.actor());
      ResourceKey user = ConsentReader.key(access.actor()).orElse(null);
      if (user != null) {
        all.addAll(rules.roles(user).stream().map(ResourceKey::toString).toList());
      }
      String client = access.client();
      if (client != null) {
        all.add(IDENTIFIER + client);
        if (ResourceKey.isId(client)) {
          all.add(new ResourceKey("Device", client).toString());
        }
      }
      names = all;
    }
    return all;
  }

  boolean breaksTheGlass() {
    return access.breaksTheGlass();
  }

  /** Whether it is known why the caller asks. A person who does not say so treats; a program may do anything. */
  boolean statesPurpose() {
    return access.grants().ofUser() || !access.purposes().stated().isEmpty();
  }

  private Set<PurposeOfUse> stated() {
    Set<PurposeOfUse> stated = access.purposes().stated();
    return stated.isEmpty() && access.grants().ofUser() ? Set.of(PurposeOfUse.TREAT) : stated;
  }

  /** Codes of what the caller asks for, each with what it is part of. */
  Set<String> purposes() {
    return stated().stream()
        .flatMap(one -> one.withBroader().stream())
        .map(Enum::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** Looks up at once what is denied of the records that some versions are part of. */
  void learnOf(Collection<StoredVersion> versions) {
    learn(versions.stream()
        .flatMap(version -> Stream.ofNullable(version.patient()))
        .toList());
  }

  private void learn(Collection<String> patients) {
    List<String> unknown =
        patients.stream().distinct().filter(one -> !known.containsKey(one)).toList();
    Map<String, List<List<Denial>>> found = rules.of(unknown);
    unknown.forEach(patient -> known.put(patient, found.getOrDefault(patient, List.of())));
  }

  private List<List<Denial>> of(String patient) {
    learn(List.of(patient));
    return known.getOrDefault(patient, List.of());
  }

  /** Whether a Consent denies anything of a patient's record to anybody. @param patient null for nobody's record */
  boolean isGuarded(@Nullable String patient) {
    return patient != null && !of(patient).isEmpty();
  }

  /** Whether some resources of a type in a patient's record may be denied to the caller. */
  boolean mayBeDenied(String patient, String type) {
    return of(patient).stream()
        .flatMap(List::stream)
        .anyMatch(one -> one.within() == 0
            && isAsked(one)
            && (one.types().isEmpty() || one.types().contains(type)));
  }

  /** Whether a Consent denies a resource to the caller, or a version that the rows are made of. */
  boolean isDenied(ResourceKey key, IndexRows rows) {
    String patient = rows.patient();
    return patient != null
        && of(patient).stream()
            .anyMatch(consent -> consent.stream()
                .filter(one -> one.within() == 0)
                .anyMatch(denial -> applies(denial, key, rows)
                    && consent.stream()
                        .noneMatch(exception -> exception.within() == denial.number()
                            && applies(exception, key, rows))));
  }

  /** Whether what it says of time, people and purposes holds of the caller. */
  private boolean isAsked(Denial one) {
    return !at.isBefore(one.starts())
        && !at.isAfter(one.ends())
        && (one.actors().isEmpty() || one.actors().stream().anyMatch(names()::contains))
        && (one.purposes().isEmpty() || isFor(one));
  }

  /** A denial holds of whoever may ask for it; an exception of who asks for nothing else. */
  private boolean isFor(Denial one) {
    return one.within() == 0
        ? !statesPurpose() || one.purposes().stream().anyMatch(purposes()::contains)
        : statesPurpose()
            && stated().stream()
                .allMatch(stated -> stated.withBroader().stream()
                    .anyMatch(broader -> one.purposes().contains(broader.name())));
  }

  private boolean applies(Denial one, ResourceKey key, IndexRows rows) {
    return isAsked(one)
        && (one.types().isEmpty() || one.types().contains(key.type()))
        && (one.codes().isEmpty() || holds(one.codes(), rows))
        && (one.labels().isEmpty() || holds(one.labels(), rows))
        && (one.instances().isEmpty()
            || one.instances().contains(key.toString())
            || one.related()
                && rows.tokens().stream().anyMatch(row -> one.instances().contains(row.value())));
  }

  private static boolean holds(List<String> codes, IndexRows rows) {
    return codes.stream().anyMatch(code -> {
      int bar = code.lastIndexOf('|');
      String system = code.substring(0, bar);
      return rows.tokens().stream()
          .anyMatch(row -> row.value().equals(code.substring(bar + 1))
              && (system.isEmpty() || system.equals(row.system())));
    });
  }

  /** What each purpose that the caller states is part of, itself too, for exceptions: one of each must be permitted. */
  List<Set<String>> eachPurpose() {
    return stated().stream()
        .map(one -> one.withBroader().stream()
            .map(Enum::name)
            .collect(Collectors.<String, Set<String>>toCollection(TreeSet::new)))
        .toList();
  }
}
