package org.botoxfhir.resource;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ElementWalk;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.search.Confinement;
import org.botoxfhir.search.Confinements;
import org.botoxfhir.security.Access;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.CurrentRow;
import org.botoxfhir.store.ResourceTables;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Which writes a caller may do. A resource that the caller may not touch is as good as none, so a caller who is confined creates only
 * under ids that the server gives: under one of the caller's choice it would show whether it is taken.
 */
@Component
final class WritePermits {
  private final Confinements confinements;
  private final PermittedReads reads;
  private final ResourceTables tables;

  WritePermits(Confinements confinements, PermittedReads reads, ResourceTables tables) {
    this.confinements = confinements;
    this.reads = reads;
    this.tables = tables;
  }

  private static Permission permission(Write write) {
    return switch (write) {
      case Write.Create create -> Permission.CREATE;
      case Write.First first -> Permission.UPDATE;
      case Write.Update update -> Permission.UPDATE;
      case Write.Patch patch -> Permission.UPDATE;
      case Write.Delete delete -> Permission.DELETE;
    };
  }

  private Confinement confinement(Access access, Write write) {
    return confinements.of(access, permission(write), write.key().type());
  }

  private Confinement readable(Access access, Write write) {
    return confinements.of(access, Permission.READ, write.key().type());
  }

  /**
   * Looks at what is asked for, without regard to what is on file.
   *
   * @throws FaultException {@link Fault.Forbidden} when the caller has no scope for a type, or none for this content
   */
  void require(Access access, List<Write> writes) {
    if (access.grants().isAll()) {
      return;
    }
    List<Fault.Forbidden> refusals =
        writes.stream().flatMap(write -> refusal(access, write).stream()).toList();
    if (!refusals.isEmpty()) {
      throw new FaultException(new Fault.Forbidden(
          refusals.stream().flatMap(one -> one.findings().stream()).toList(),
          refusals.getFirst().scope()));
    }
  }

  private Optional<Fault.Forbidden> refusal(Access access, Write write) {
    try {
      Confinement confinement = confinement(access, write).required();
      if (write instanceof Write.Patch) {
        readable(access, write).required();
      }
      Resource content = write.written();
      return content == null
              || confinements.mayWrite(access.grants(), confinement, write.key(), content)
          ? Optional.empty()
          : Optional.of(outside(access, write.key()));
    } catch (FaultException refused) {
      if (refused.fault() instanceof Fault.Forbidden(var findings, var scope)) {
        return Optional.of(new Fault.Forbidden(
            findings.stream().map(finding -> finding.within(write.key())).toList(), scope));
      }
      throw refused;
    }
  }

  private static Fault.Forbidden outside(Access access, ResourceKey key) {
    String patient = access.grants().patient();
    String text = patient == null
        ? "this %s is outside of what the scopes of the token are restricted to"
        : "this %s is outside of what the scopes of the token are confined to: the record of Patient/"
            + patient
            + ", named as its patient or subject by this reference and no other, and what '?' restricts them to";
    return new Fault.Forbidden(
        List.of(
            Finding.error("forbidden", text.formatted(key.type()), key.type()).within(key)),
        null);
  }

  /**
   * The current version, as far as the caller may touch it.
   *
   * @throws FaultException {@link Fault.NotFound} when the caller may not, and there is something to be touched
   */
  Optional<CurrentRow> seen(Access access, Write write, Optional<CurrentRow> current) {
    if (access.grants().isAll() || write instanceof Write.Create) {
      return current;
    }
    Confinement confinement = confinement(access, write).required();
    // A patch answers what was there beside what it changes, and can ask for it.
    Confinement read =
        write instanceof Write.Patch ? readable(access, write).required() : confinement;
    if (confinement.isWholeType() && read.isWholeType()) {
      return current;
    }
    Optional<CurrentRow> seen = current
        .filter(row -> reads.covers(confinement, row))
        .filter(row -> read == confinement || reads.covers(read, row));
    if (seen.isEmpty() && !(write instanceof Write.Delete)) {
      throw new FaultException(new Fault.NotFound(write.key()));
    }
    return seen;
  }

  /** The same of several writes; their keys to the versions. */
  Map<ResourceKey, CurrentRow> seen(
      Access access, List<Write> writes, Map<ResourceKey, CurrentRow> current) {
    if (access.grants().isAll()) {
      return current;
    }
    Map<ResourceKey, CurrentRow> seen = new HashMap<>();
    for (Write write : writes) {
      seen(access, write, Optional.ofNullable(current.get(write.key())))
          .ifPresent(row -> seen.put(write.key(), row));
    }
    return seen;
  }

  /** Those of some writes that touch something; of a deletion that the caller may not do, nothing must show. */
  List<Write> touching(Access access, List<Write> writes) {
    return access.grants().isAll()
        ? writes
        : writes.stream()
            .filter(write -> seen(access, write, tables.current(write.key())).isPresent())
            .toList();
  }

  /**
   * What resources of a patient's record refer to and is not known to be part of that record: on file for another patient, for none, or
   * not at all, which makes no difference.
   *
   * @param writes with the content that they will have
   */
  Set<ResourceKey> unseen(Access access, Collection<Write> writes) {
    if (access.grants().isAll()) {
      return Set.of();
    }
    String patient = null;
    Set<ResourceKey> named = new HashSet<>();
    for (Write write : writes) {
      String confinedTo = confinedTo(access, write);
      if (confinedTo != null) {
        patient = confinedTo;
        named.addAll(places(write).keySet());
      }
    }
    if (patient == null) {
      return Set.of();
    }
    named.removeIf(key -> !confinements.isOfPatients(key.type()));
    named.remove(new ResourceKey("Patient", patient));
    named.removeAll(writes.stream().map(Write::key).collect(Collectors.toSet()));
    String owner = patient;
    named.removeAll(tables.ofPatient(
        owner, named.stream().filter(key -> !key.type().equals("Patient")).toList()));
    return named;
  }

  private @Nullable String confinedTo(Access access, Write write) {
    Resource content = write.written();
    return content == null
        ? null
        : confinements.confinedTo(
            access.grants(), confinement(access, write).required(), write.key(), content);
  }

  /** What a write refers to, each with the first place. */
  private static Map<ResourceKey, String> places(Write write) {
    Map<ResourceKey, String> places = new LinkedHashMap<>();
    Resource content = write.written();
    if (content != null) {
      ElementWalk.paths(content, Reference.class, (reference, path) -> {
        if (reference.hasReference()) {
          ResourceKey.ofReference(reference.getReference())
              .ifPresent(key -> places.putIfAbsent(key, content.fhirType() + "." + path));
        }
      });
    }
    return places;
  }

  /**
   * @param unseen as {@link #unseen} says
   * @throws FaultException {@link Fault.Refused} when a write refers to one of them
   */
  void refuseReferences(Access access, Write write, Set<ResourceKey> unseen) {
    if (unseen.isEmpty() || confinedTo(access, write) == null) {
      return;
    }
    List<Finding> findings = places(write).entrySet().stream()
        .filter(place -> unseen.contains(place.getKey()))
        .map(place -> Finding.error(
                "not-found",
                "%s refers to %s, which is not on file; send it first, or in the same transaction"
                    .formatted(place.getValue(), place.getKey()),
                place.getValue())
            .within(write.key()))
        .toList();
    if (!findings.isEmpty()) {
      throw new FaultException(new Fault.Refused(findings));
    }
  }
}
