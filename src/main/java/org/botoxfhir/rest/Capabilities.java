package org.botoxfhir.rest;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import java.util.Collections;
import java.util.Date;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.botoxfhir.search.Compartments;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.security.Authentication;
import org.botoxfhir.security.PurposeOfUse;
import org.botoxfhir.security.SmartConfiguration;
import org.hl7.fhir.instance.model.api.IBaseConformance;
import org.hl7.fhir.r4.model.CapabilityStatement;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestResourceComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestResourceSearchParamComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.CapabilityStatementRestSecurityComponent;
import org.hl7.fhir.r4.model.CapabilityStatement.ConditionalDeleteStatus;
import org.hl7.fhir.r4.model.CapabilityStatement.ResourceVersionPolicy;
import org.hl7.fhir.r4.model.CapabilityStatement.SystemRestfulInteraction;
import org.hl7.fhir.r4.model.Enumerations.SearchParamType;
import org.hl7.fhir.r4.model.Extension;
import org.hl7.fhir.r4.model.UriType;
import org.springframework.boot.info.BuildProperties;
import org.springframework.stereotype.Component;

/** What HAPI cannot see of the interactions: versioning, and what each type can be searched by. */
@Component
@Interceptor
public final class Capabilities {
  private static final Set<SystemRestfulInteraction> OF_THE_SYSTEM =
      Set.of(SystemRestfulInteraction.TRANSACTION, SystemRestfulInteraction.HISTORYSYSTEM);

  private static final String OAUTH_URIS =
      "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris";

  private final SearchQueryParser queries;
  private final Compartments compartments;
  private final ServedTypes types;
  private final FhirSettings settings;
  private final BuildProperties build;
  private final Authentication authentication;

  Capabilities(
      SearchQueryParser queries,
      Compartments compartments,
      ServedTypes types,
      FhirSettings settings,
      BuildProperties build,
      Authentication authentication) {
    this.queries = queries;
    this.compartments = compartments;
    this.types = types;
    this.settings = settings;
    this.build = build;
    this.authentication = authentication;
  }

  /** Completes the CapabilityStatement that HAPI generated from the providers. */
  @Hook(Pointcut.SERVER_CAPABILITY_STATEMENT_GENERATED)
  public void complete(IBaseConformance generated) {
    CapabilityStatement statement = (CapabilityStatement) generated;
    // HAPI makes up a new id and date each time; the statement changes with the service only.
    statement.setId("botox-fhir");
    statement.setDate(Date.from(build.getTime()));
    statement.getSoftware().setName("Botox FHIR service").setVersion(build.getVersion());
    statement
        .getImplementation()
        .setDescription("Botulinum toxin care and patient-reported symptoms");
    Map<String, SortedSet<String>> profiles = ShippedDefinitions.profiles();
    for (var rest : statement.getRest()) {
      rest.getResource()
          .removeIf(resource -> !types.serves(resource.getType()) && !isAudit(resource));
      rest.getResource().forEach(this::complete);
      rest.getResource()
          .forEach(resource -> profiles
              .getOrDefault(resource.getType(), Collections.emptySortedSet())
              .forEach(resource::addSupportedProfile));
      rest.getInteraction().removeIf(i -> !OF_THE_SYSTEM.contains(i.getCode()));
      rest.addInteraction().setCode(SystemRestfulInteraction.SEARCHSYSTEM);
      rest.addInteraction().setCode(SystemRestfulInteraction.BATCH);
      rest.getSearchParam().clear();
      queries.searchableTogether().forEach(one -> describe(rest.addSearchParam(), one));
      compartments
          .owners()
          .forEach(owner -> rest.addCompartment(
              "http://hl7.org/fhir/CompartmentDefinition/" + owner.toLowerCase(Locale.ROOT)));
      rest.getOperation().clear();
      authentication.smartConfiguration().ifPresent(smart -> secure(rest.getSecurity(), smart));
    }
  }

  /** SMART App Launch 1 looked for the addresses here; later versions have {@code .well-known/smart-configuration}. */
  private void secure(CapabilityStatementRestSecurityComponent security, SmartConfiguration smart) {
    security.setCors(!settings.allowedOrigins().isEmpty());
    security.setDescription(
        "What active Consents deny is hidden from user/ and system/ scopes. The header %s states a purpose of use; BTG breaks the glass, for who may."
            .formatted(PurposeOfUse.HEADER));
    security
        .addService()
        .setText("OAuth2 using SMART on FHIR")
        .addCoding()
        .setSystem("http://terminology.hl7.org/CodeSystem/restful-security-service")
        .setCode("SMART-on-FHIR");
    Map<String, String> endpoints;
    try {
      endpoints = smart.endpoints();
    } catch (FaultException away) {
      return; // they are there again when the issuer is; HAPI keeps a statement for a minute
    }
    Extension uris = security.addExtension().setUrl(OAUTH_URIS);
    endpoints.forEach((name, uri) -> uris.addExtension(name, new UriType(uri)));
  }

  private static boolean isAudit(CapabilityStatementRestResourceComponent resource) {
    return resource.getType().equals(ServedTypes.AUDIT);
  }

  private void complete(CapabilityStatementRestResourceComponent resource) {
    if (isAudit(resource)) {
      completeAudit(resource);
      return;
    }
    boolean writable = types.writable(resource.getType());
    resource.setVersioning(
        writable ? ResourceVersionPolicy.VERSIONEDUPDATE : ResourceVersionPolicy.VERSIONED);
    resource.setReadHistory(true).setUpdateCreate(writable).setConditionalCreate(writable);
    // HAPI names definitions that it makes up; ours are shipped and say more.
    resource
        .getOperation()
        .forEach(operation -> operation.setDefinition(Canonical.BASE + "/OperationDefinition/"
            + definition(resource.getType(), operation.getName())));
    resource.setConditionalUpdate(writable);
    if (writable) {
      resource.setConditionalDelete(
          settings.multipleDelete()
              ? ConditionalDeleteStatus.MULTIPLE
              : ConditionalDeleteStatus.SINGLE);
    }
    resource.getSearchParam().clear();
    resource.getSearchInclude().clear();
    resource.getSearchRevInclude().clear();
    queries.includable(resource.getType()).forEach(resource::addSearchInclude);
    queries.reverseIncludable(resource.getType()).forEach(resource::addSearchRevInclude);
    queries.searchable(resource.getType()).forEach(one -> describe(resource.addSearchParam(), one));
  }

  /** Events do not change, and are searched by what the log knows. */
  private static void completeAudit(CapabilityStatementRestResourceComponent resource) {
    resource.setVersioning(ResourceVersionPolicy.NOVERSION);
    resource.getSearchParam().clear();
    resource.getSearchInclude().clear();
    resource.getSearchRevInclude().clear();
    AuditEventProvider.SEARCH_PARAMETERS.forEach((name, type) -> resource
        .addSearchParam()
        .setName(name)
        .setType(type)
        .setDefinition(AuditEventProvider.definition(name)));
  }

  /** An operation that takes other parameters for each type has a definition for each. */
  private static String definition(String type, String operation) {
    return operation.equals("validate-code")
        ? type.toLowerCase(Locale.ROOT) + "-" + operation
        : operation;
  }

  private static void describe(
      CapabilityStatementRestResourceSearchParamComponent parameter,
      SearchQueryParser.Searchable searchable) {
    parameter
        .setName(searchable.code())
        .setType(SearchParamType.fromCode(searchable.kind().getCode()))
        .setDefinition(searchable.url());
  }
}
