package org.botoxfhir.fhir;

import java.time.Duration;
import java.util.List;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Settings {@code botox.fhir.*}.
 *
 * @param types served resource types; {@code *} serves every R4 type, since the store is generic
 * @param readOnlyTypes types, among the served ones, that clients can read and search but not write
 * @param referentialIntegrity which references must point to what is on file
 * @param maxBodySize largest request body; a larger one is 413
 * @param defaultCount resources in a page of a search when {@code _count} is not given
 * @param maxCount most resources in a page; a larger {@code _count} is taken for this one
 * @param maxIncludes most resources that may come with a page by {@code _include} and {@code _revinclude}; a search that would bring
 *     more is refused
 * @param multipleDelete whether a conditional delete may delete several resources; otherwise several matches are 412
 * @param allowedOrigins origins whose browser apps may use this interface ({@code https://app.example.org}); none without
 * @param searchTimeout how long the database may work on one search, whole seconds
 */
@ConfigurationProperties("botox.fhir")
public record FhirSettings(
    @DefaultValue({
      "Patient",
      "Practitioner",
      "PractitionerRole",
      "Organization",
      "Location",
      "Encounter",
      "Condition",
      "Procedure",
      "AdverseEvent",
      "Medication",
      "MedicationAdministration",
      "MedicationRequest",
      "Observation",
      "Questionnaire",
      "QuestionnaireResponse",
      "DetectedIssue",
      "CarePlan",
      "Consent",
      "Device",
      "DocumentReference",
      "Flag",
      "Group",
      "List",
      "Provenance",
      "ServiceRequest",
      "Task",
      "StructureDefinition",
      "ValueSet",
      "CodeSystem",
      "SearchParameter",
      "CapabilityStatement",
      "OperationDefinition"
    })
    List<String> types,

    @DefaultValue({
      "StructureDefinition",
      "ValueSet",
      "CodeSystem",
      "SearchParameter",
      "CapabilityStatement",
      "OperationDefinition"
    })
    List<String> readOnlyTypes,

    @DefaultValue("patient") ReferentialIntegrity referentialIntegrity,
    @DefaultValue("10MB") DataSize maxBodySize,
    @DefaultValue("5000") int maxBundleEntries,
    @DefaultValue("50") int defaultCount,
    @DefaultValue("1000") int maxCount,
    @DefaultValue("5000") int maxIncludes,
    @DefaultValue("false") boolean multipleDelete,
    @DefaultValue List<String> allowedOrigins,
    @DefaultValue("10s") Duration searchTimeout) {

  /** Which references of a record must point to what is on file. */
  public enum ReferentialIntegrity {
    /** Only that to the patient; a patient with records cannot be deleted. Others are answered with a warning. */
    PATIENT,
    /** All local references. */
    STRICT,
    /** None. */
    OFF
  }
}
