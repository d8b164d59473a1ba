package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.ETagSupportEnum;
import ca.uhn.fhir.rest.server.IncomingRequestAddressStrategy;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ServerCapabilityStatementProvider;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.patch.Patches;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.symptom.SymptomTriage;
import org.botoxfhir.validation.ResourceValidation;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.IdType;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** HAPI's server at {@code /fhir}, with one provider for each served type. */
@Configuration(proxyBeanMethods = false)
class FhirServerConfiguration {
  private static final String PATH = "/fhir/*";

  @Bean
  ServletRegistrationBean<RestfulServer> fhirServlet(
      FhirContext context,
      ServedTypes types,
      Resources resources,
      SearchAnswers searches,
      Patches patches,
      HistoryBundles histories,
      SystemHistoryProvider systemHistory,
      EverythingProvider everything,
      BundleProvider bundles,
      SymptomTriage triage,
      ResourceValidation validation,
      StoredAnswers answers,
      FaultAnswers faults,
      Capabilities capabilities,
      RequestMetrics metrics) {
    RestfulServer server = new FhirServlet(context);
    var parts =
        new ReadOnlyProvider.Parts(context, resources, patches, answers, searches, histories);
    for (String type : types.all()) {
      server.registerProvider(
          types.writable(type)
              ? new ReadWriteProvider(parts, type)
              : new ReadOnlyProvider(parts, type));
      server.registerProvider(
          types.writable(type)
              ? new MetaChangeProvider(answers, resources, type)
              : new MetaProvider(answers, resources, type));
      server.registerProvider(new ValidateProvider(context, resources, validation, type));
    }
    server.setServerConformanceProvider(
        new ServedDefinitions(server, new ReadOnlyProvider(parts, "OperationDefinition")));
    if (types.serves(EverythingProvider.TYPE)) {
      server.registerProvider(everything);
    }
    TriageProvider.TYPES.stream()
        .filter(types::serves)
        .forEach(type -> server.registerProvider(new TriageProvider(context, triage, type)));
    server.registerProvider(bundles);
    server.registerProvider(searches);
    server.registerProvider(systemHistory);
    server.registerInterceptor(answers);
    server.registerInterceptor(faults);
    server.registerInterceptor(capabilities);
    server.registerInterceptor(metrics);
    server.setDefaultResponseEncoding(EncodingEnum.JSON);
    server.setServerAddressStrategy(new AddressAsCalled());
    // Tomcat reads them as UTF-8 and says so when it cannot; HAPI would fail on a broken
    // percent-encoding.
    server.setIgnoreServerParsedRequestParameters(false);
    server.setETagSupport(
        ETagSupportEnum.DISABLED); // StoredAnswers does it, also where HAPI does not come by
    var servlet = new ServletRegistrationBean<>(server, PATH);
    servlet.setLoadOnStartup(1);
    return servlet;
  }

  @Bean
  FilterRegistrationBean<RequestBounds> requestBounds(FhirSettings settings) {
    var filter = new FilterRegistrationBean<>(new RequestBounds(settings));
    filter.addUrlPatterns(PATH);
    return filter;
  }

  /** The prefix that a trusted proxy takes away is part of the request's context path, though not of the servlet's, where HAPI looks. */
  private static final class AddressAsCalled extends IncomingRequestAddressStrategy {
    @Override
    public String determineServletContextPath(HttpServletRequest request, RestfulServer server) {
      return request.getContextPath();
    }
  }

  /** HAPI would make up definitions of the operations; ours are on file like any other. */
  private static final class ServedDefinitions extends ServerCapabilityStatementProvider {
    private final ReadOnlyProvider definitions;

    ServedDefinitions(RestfulServer server, ReadOnlyProvider definitions) {
      super(server);
      this.definitions = definitions;
    }

    @Override
    public IBaseResource readOperationDefinition(IIdType id, RequestDetails request) {
      return definitions.read((IdType) id, request);
    }
  }

  /** HAPI's server with compartments, and without its header that tells names and versions to whoever looks for known holes. */
  private static final class FhirServlet extends RestfulServer {
    private static final long serialVersionUID = 1L;

    FhirServlet(FhirContext context) {
      super(context);
    }

    @Override
    public void populateRequestDetailsFromRequestPath(RequestDetails request, String path) {
      super.populateRequestDetailsFromRequestPath(request, path);
      SearchAnswers.withinCompartment(request);
    }

    @Override
    public void addHeadersToResponse(HttpServletResponse response) {
      // none of HAPI's own
    }
  }
}
