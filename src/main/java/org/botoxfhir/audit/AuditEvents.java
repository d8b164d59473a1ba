package org.botoxfhir.audit;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.botoxfhir.audit.AuditEntity.Kind;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.security.PurposeOfUse;
import org.hl7.fhir.r4.model.AuditEvent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAction;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAgentComponent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventAgentNetworkType;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventEntityComponent;
import org.hl7.fhir.r4.model.AuditEvent.AuditEventOutcome;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Identifier;
import org.hl7.fhir.r4.model.InstantType;
import org.hl7.fhir.r4.model.Reference;
import org.jspecify.annotations.Nullable;

/**
 * Rows of the audit log as R4 AuditEvents, by the patterns of IHE's Basic Audit Log Patterns 1.1.4
 * (https://profiles.ihe.net/ITI/BALP). These have one event for each patient of an answer; here it is one for each interaction, which
 * claims the pattern with a patient where exactly one is concerned.
 */
final class AuditEvents {
  static final String TYPES = "http://terminology.hl7.org/CodeSystem/audit-event-type";
  static final String REST = "rest";
  static final String INTERACTIONS = "http://hl7.org/fhir/restful-interaction";
  static final String ACTIONS = "http://hl7.org/fhir/audit-event-action";
  static final String OUTCOMES = "http://hl7.org/fhir/audit-event-outcome";

  private static final String BALP = "https://profiles.ihe.net/ITI/BALP/";
  private static final String DICOM = "http://dicom.nema.org/resources/ontology/DCM";
  private static final String ENTITY_TYPES =
      "http://terminology.hl7.org/CodeSystem/audit-entity-type";
  private static final String OBJECT_ROLES = "http://terminology.hl7.org/CodeSystem/object-role";
  private static final String LIFECYCLES =
      "http://terminology.hl7.org/CodeSystem/dicom-audit-lifecycle";
  private static final String PARTICIPATIONS =
      "http://terminology.hl7.org/CodeSystem/v3-ParticipationType";
  private static final String SERVICE = "botox-fhir";
  private static final String PATIENT = "Patient";

  /** What R4 lets {@code AuditEvent.agent.who} refer to. */
  private static final Set<String> AGENTS = Set.of(
      PATIENT, "Practitioner", "PractitionerRole", "RelatedPerson", "Organization", "Device");

  private AuditEvents() {}

  /** The event as it is given out. */
  static AuditEvent of(RecordedEvent recorded) {
    AuditRecord row = recorded.event();
    AuditEvent event = new AuditEvent();
    event.setId(recorded.id().toString());
    event
        .getMeta()
        .setVersionId("1")
        .setLastUpdatedElement(new InstantType(recorded.recorded().toString()));
    event.setType(new Coding(TYPES, REST, "Restful Operation"));
    if (row.interaction() != Interaction.OTHER) {
      String code = row.interaction().code();
      event.addSubtype(new Coding(INTERACTIONS, code, code));
    }
    event.setAction(AuditEventAction.fromCode(row.interaction().action()));
    event.setRecordedElement(new InstantType(recorded.recorded().toString()));
    event.setOutcome(outcome(row.status()));
    if (row.status() >= 400) {
      event.setOutcomeDesc("HTTP " + row.status());
    }
    agents(event, row);
    purposes(row).forEach(purpose -> event.addPurposeOfEvent().addCoding(purpose));
    event
        .getSource()
        .setObserver(new Reference().setDisplay(SERVICE))
        .addType(new Coding(
            "http://terminology.hl7.org/CodeSystem/security-source-type",
            "4",
            "Application Server"));
    entities(event, row);
    String profile = profile(row);
    if (profile != null) {
      event.getMeta().addProfile(BALP + "StructureDefinition/IHE.BasicAudit." + profile);
    }
    return event;
  }

  private static AuditEventOutcome outcome(int status) {
    return status < 400
        ? AuditEventOutcome._0
        : status < 500 ? AuditEventOutcome._4 : AuditEventOutcome._8;
  }

  private static void agents(AuditEvent event, AuditRecord row) {
    // Whatever way the data goes, DICOM and BALP call source who sends the request or the record.
    boolean reads = row.interaction() == Interaction.READ || row.interaction() == Interaction.VREAD;
    Coding source = new Coding(DICOM, "110153", "Source Role ID");
    Coding destination = new Coding(DICOM, "110152", "Destination Role ID");
    boolean deletes = row.interaction() == Interaction.DELETE;
    Coding client =
        deletes ? new Coding(DICOM, "110150", "Application") : reads ? destination : source;
    Coding server = deletes
        ? new Coding(
            "http://terminology.hl7.org/CodeSystem/provenance-participant-type",
            "custodian",
            "Custodian")
        : reads ? source : destination;
    boolean known = !row.agent().equals("anonymous");
    AuditEventAgentComponent application = agent(event, client, row.address());
    application.setRequestor(!known);
    application.setWho(
        row.client() == null
            ? new Reference().setDisplay(row.address())
            : new Reference().setIdentifier(new Identifier().setValue(row.client())));
    agent(event, server, row.server())
        .setRequestor(false)
        .setWho(new Reference().setDisplay(SERVICE));
    if (known) {
      boolean writes = Set.of("C", "U", "D").contains(row.interaction().action());
      event
          .addAgent()
          .setType(new CodeableConcept(
              writes
                  ? new Coding(PARTICIPATIONS, "AUT", "author (originator)")
                  : new Coding(PARTICIPATIONS, "IRCP", "information recipient")))
          .setWho(who(row.agent()))
          .setPurposeOfUse(purposes(row).stream()
              .map(purpose -> new CodeableConcept(purpose))
              .toList())
          .setRequestor(true);
    }
  }

  private static List<Coding> purposes(AuditRecord row) {
    String purpose = row.purpose();
    return purpose == null
        ? List.of()
        : Stream.of(purpose.split(" ", -1))
            .map(code -> new Coding(PurposeOfUse.SYSTEM, code, null))
            .toList();
  }

  private static AuditEventAgentComponent agent(AuditEvent event, Coding type, String address) {
    AuditEventAgentComponent agent = event.addAgent().setType(new CodeableConcept(type));
    agent.getNetwork().setAddress(address).setType(AuditEventAgentNetworkType._2);
    return agent;
  }

  /** A reference where the token names a resource ({@code fhirUser}), here or elsewhere. */
  private static Reference who(String agent) {
    String[] steps = agent.split("/", -1);
    boolean names = steps.length >= 2
        && AGENTS.contains(steps[steps.length - 2])
        && ResourceKey.isId(steps[steps.length - 1]);
    return names
        ? new Reference(agent)
        : new Reference().setIdentifier(new Identifier().setValue(agent));
  }

  private static void entities(AuditEvent event, AuditRecord row) {
    Interaction interaction = row.interaction();
    if (interaction.isSearch()) {
      query(event, row.request());
    } else if (interaction == Interaction.OPERATION
        || interaction == Interaction.OTHER
        || interaction == Interaction.HISTORY_TYPE
        || interaction == Interaction.HISTORY_SYSTEM
        || row.status() >= 400) {
      request(event, row.request());
    }
    for (AuditEntity entity : row.entities()) {
      switch (entity.kind()) {
        case ASKED -> query(event, entity.text());
        case REFUSED -> request(event, entity.text());
        case READ, CREATED, CHANGED, DELETED -> data(event, entity, interaction.isBundle());
      }
    }
    patients(row)
        .forEach(reference -> event
            .addEntity()
            .setType(new Coding(ENTITY_TYPES, "1", "Person"))
            .setRole(new Coding(OBJECT_ROLES, "1", PATIENT))
            .setWhat(new Reference(reference)));
    event
        .addEntity()
        .setType(new Coding(BALP + "CodeSystem/BasicAuditEntityType", "XrequestId", null))
        .setWhat(new Reference().setIdentifier(new Identifier().setValue(row.requestId())));
  }

  private static List<String> patients(AuditRecord row) {
    return row.subjects().stream().filter(one -> one.startsWith(PATIENT + "/")).toList();
  }

  private static AuditEventEntityComponent object(AuditEvent event, String role, String display) {
    return event
        .addEntity()
        .setType(new Coding(ENTITY_TYPES, "2", "System Object"))
        .setRole(new Coding(OBJECT_ROLES, role, display));
  }

  /** As it was sent, which may be malformed or worse: Base64. */
  private static void query(AuditEvent event, String request) {
    object(event, "24", "Query").setQuery(request.getBytes(StandardCharsets.UTF_8));
  }

  /** A request that names what it is about by its text only. */
  private static void request(AuditEvent event, String request) {
    object(event, "20", "Job").setQuery(request.getBytes(StandardCharsets.UTF_8));
  }

  private static void data(AuditEvent event, AuditEntity entity, boolean ofBundle) {
    AuditEventEntityComponent data =
        object(event, "4", "Domain Resource").setWhat(new Reference(entity.text()));
    for (String label : entity.labels()) {
      int bar = label.lastIndexOf('|');
      String system = label.substring(0, bar);
      data.addSecurityLabel()
          .setSystem(system.isEmpty() ? null : system)
          .setCode(label.substring(bar + 1));
    }
    if (ofBundle) {
      data.setLifecycle(lifecycle(entity.kind()));
    }
  }

  private static Coding lifecycle(Kind kind) {
    return switch (kind) {
      case CREATED -> new Coding(LIFECYCLES, "1", "Origination / Creation");
      case CHANGED -> new Coding(LIFECYCLES, "3", "Amendment");
      case DELETED -> new Coding(LIFECYCLES, "14", "Logical deletion");
      case READ, ASKED, REFUSED -> new Coding(LIFECYCLES, "6", "Access / Use");
    };
  }

  /** The pattern that the event follows; null where there is none: for failures, histories, bundles, operations. */
  private static @Nullable String profile(AuditRecord row) {
    boolean one = row.entities().size() == 1;
    if (row.status() >= 400 || (!one && !row.interaction().isSearch())) {
      return null;
    }
    String name = switch (row.interaction()) {
      case CREATE -> "Create";
      case UPDATE, PATCH -> "Update";
      case READ, VREAD -> "Read";
      case DELETE -> "Delete";
      case SEARCH_TYPE, SEARCH_SYSTEM -> "Query";
      case HISTORY_INSTANCE,
          HISTORY_TYPE,
          HISTORY_SYSTEM,
          TRANSACTION,
          BATCH,
          OPERATION,
          CAPABILITIES,
          OTHER -> null;
    };
    return name != null && patients(row).size() == 1 ? PATIENT + name : name;
  }
}
