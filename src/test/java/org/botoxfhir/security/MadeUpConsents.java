package org.botoxfhir.security;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import org.botoxfhir.security.ConsentCase.Data;
import org.botoxfhir.security.ConsentCase.Rule;
import org.botoxfhir.security.ConsentCase.Who;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.Consent;
import org.hl7.fhir.r4.model.Consent.ConsentDataMeaning;
import org.hl7.fhir.r4.model.Consent.ConsentProvisionType;
import org.hl7.fhir.r4.model.Consent.ConsentState;
import org.hl7.fhir.r4.model.Consent.ProvisionComponent;
import org.hl7.fhir.r4.model.Reference;

/**
 * Consents as FHIR has them.
 *
 * @param system of the codes
 * @param run behind the ids of who acts
 * @param client id of the program
 * @param patient reference to whose Consent it is
 * @param procedure reference to the instance that provisions name
 */
record MadeUpConsents(String system, String run, String client, String patient, String procedure) {

  private Reference to(String type, String name) {
    return new Reference(type + "/" + name + "-" + run);
  }

  private ProvisionComponent provision(ConsentProvisionType type, Rule rule) {
    ProvisionComponent made = new ProvisionComponent().setType(type);
    Reference actor = switch (rule.who()) {
      case ANYBODY -> null;
      case DOCTOR, AUTHOR -> to("Practitioner", "doctor");
      case ROLE -> to("PractitionerRole", "role");
      case WARD -> to("Organization", "ward");
      case HOSPITAL -> to("Organization", "hospital");
      case STRANGER -> to("Practitioner", "stranger");
      case TEAM -> to("CareTeam", "team");
      case PROGRAM -> {
        Reference program = new Reference();
        program.getIdentifier().setValue(client);
        yield program;
      }
    };
    if (actor != null) {
      var added = made.addActor().setReference(actor);
      added
          .getRole()
          .addCoding()
          .setSystem("http://terminology.hl7.org/CodeSystem/v3-ParticipationType")
          .setCode(rule.who() == Who.AUTHOR ? "AUT" : "IRCP");
    }
    Instant now = Instant.now();
    switch (rule.when()) {
      case ALWAYS -> {}
      case NOW ->
        made.getPeriod()
            .setStart(Date.from(now.minus(1, ChronoUnit.DAYS)))
            .setEnd(Date.from(now.plus(1, ChronoUnit.DAYS)));
      case PAST -> made.getPeriod().setEnd(Date.from(now.minus(1, ChronoUnit.DAYS)));
      case FUTURE -> made.getPeriod().setStart(Date.from(now.plus(1, ChronoUnit.DAYS)));
    }
    if (rule.action() != null) {
      made.addAction()
          .addCoding()
          .setSystem("http://terminology.hl7.org/CodeSystem/consentaction")
          .setCode(rule.action());
    }
    if (rule.purpose() != null) {
      made.addPurpose().setSystem(PurposeOfUse.SYSTEM).setCode(rule.purpose());
    }
    if (rule.type() != null) {
      made.addClass_().setSystem("http://hl7.org/fhir/resource-types").setCode(rule.type());
    }
    if (rule.code() != null) {
      made.addCode().addCoding().setSystem(system).setCode(rule.code());
    }
    if (rule.label() != null) {
      made.addSecurityLabel(new Coding(
          "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", rule.label(), null));
    }
    if (rule.data() != Data.ALL) {
      made.addData()
          .setReference(new Reference(procedure))
          .setMeaning(
              switch (rule.data()) {
                case PROCEDURE -> ConsentDataMeaning.INSTANCE;
                case AUTHORED -> ConsentDataMeaning.AUTHOREDBY;
                default -> ConsentDataMeaning.RELATED;
              });
    }
    return made;
  }

  /** @param nested whether the denial stands within a permission */
  Consent of(ConsentCase one, boolean nested) {
    Consent consent = new Consent()
        .setStatus(one.active() ? ConsentState.ACTIVE : ConsentState.INACTIVE)
        .setPatient(new Reference(patient));
    consent
        .getScope()
        .addCoding()
        .setSystem("http://terminology.hl7.org/CodeSystem/consentscope")
        .setCode("patient-privacy");
    ProvisionComponent denies = provision(ConsentProvisionType.DENY, one.denies());
    if (one.permits() != null) {
      denies.addProvision(provision(ConsentProvisionType.PERMIT, one.permits()));
    }
    if (nested) {
      consent.getProvision().setType(ConsentProvisionType.PERMIT).addProvision(denies);
    } else {
      consent.setProvision(denies);
    }
    return consent;
  }
}
