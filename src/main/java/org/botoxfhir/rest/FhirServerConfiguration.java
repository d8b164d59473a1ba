package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.RequestTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.ETagSupportEnum;
import ca.uhn.fhir.rest.server.IncomingRequestAddressStrategy;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ServerCapabilityStatementProvider;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.botoxfhir.audit.AuditLog;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.LimitSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.patch.Patches;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.security.Authentication;
import org.botoxfhir.security.PurposeOfUse;
import org.botoxfhir.symptom.SymptomTriage;
import org.botoxfhir.trace.Traces;
import org.botoxfhir.validation.ResourceValidation;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.instance.model.api.IIdType;
import org.hl7.fhir.r4.model.IdType;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.tomcat.TomcatConnectorCustomizer;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.cors.CorsConfiguration;
import org.springframework.web.cors.DefaultCorsProcessor;
import org.springframework.web.cors.UrlBasedCorsConfigurationSource;
import org.springframework.web.filter.CorsFilter;
import org.springframework.web.filter.ShallowEtagHeaderFilter;

/** HAPI's server at {@code /fhir}, with one provider for each served type. */
@Configuration(proxyBeanMethods = false)
class FhirServerConfiguration {
  private static final String PATH = "/fhir/*";

  /** Bytes of an answer that go out in one system call: a page of twenty procedures. The container's own are 8 KiB. */
  private static final String SOCKET_BUFFER = "65536";

  @Bean
  TomcatConnectorCustomizer socketBuffer() {
    return connector -> connector.setProperty("socket.appWriteBufSize", SOCKET_BUFFER);
  }

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
      PurgeProvider purge,
      ValueSetOperations valueSets,
      CodeSystemOperations codeSystems,
      BundleProvider bundles,
      SymptomTriage triage,
      ResourceValidation validation,
      StoredAnswers answers,
      FaultAnswers faults,
      Capabilities capabilities,
      RequestChecks checks,
      StrictBodies bodies,
      RequestMetrics metrics,
      Trails trails,
      Provenances provenances,
      AuditEventProvider auditEvents) {
    RestfulServer server = new FhirServlet(context, checks);
    var parts = new ReadOnlyProvider.Parts(
        context, resources, patches, answers, searches, histories, provenances);
    for (String type : types.all()) {
      server.registerProvider(
          types.writable(type)
              ? new ReadWriteProvider(parts, type)
              : new ReadOnlyProvider(parts, type));
      server.registerProvider(
          types.writable(type)
              ? new MetaChangeProvider(answers, resources, type)
              : new MetaProvider(answers, resources, type));
      server.registerProvider(
          new ValidateProvider(context, resources, validation, type, types.writable(type)));
    }
    server.setServerConformanceProvider(
        new ServedDefinitions(server, new ReadOnlyProvider(parts, "OperationDefinition")));
    if (types.serves(EverythingProvider.TYPE)) {
      server.registerProviders(everything, purge);
    }
    if (types.serves(ValueSetOperations.TYPE)) {
      server.registerProvider(valueSets);
    }
    if (types.serves(CodeSystemOperations.TYPE)) {
      server.registerProvider(codeSystems);
    }
    TriageProvider.TYPES.stream()
        .filter(types::serves)
        .forEach(type -> server.registerProvider(new TriageProvider(context, triage, type)));
    server.registerProvider(auditEvents);
    server.registerProvider(bundles);
    server.registerProvider(searches);
    server.registerProvider(systemHistory);
    server.registerInterceptor(trails);
    server.registerInterceptor(answers);
    server.registerInterceptor(faults);
    server.registerInterceptor(capabilities);
    server.registerInterceptor(checks);
    server.registerInterceptor(bodies);
    server.registerInterceptor(provenances);
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

  /** Nothing is there where no issuer is configured. */
  @Bean
  ServletRegistrationBean<SmartConfigurationServlet> smartConfigurationServlet(
      Authentication authentication, FhirContext context) {
    var servlet = new ServletRegistrationBean<>(
        new SmartConfigurationServlet(authentication, context),
        PATH.replace("*", SmartConfigurationServlet.PATH));
    servlet.setEnabled(authentication.smartConfiguration().isPresent());
    return servlet;
  }

  /** Around all that answers, the audit log too. */
  @Bean
  FilterRegistrationBean<RequestTelemetry> requestTelemetry(Traces traces, RequestMetrics metrics) {
    var filter = new FilterRegistrationBean<>(new RequestTelemetry(traces, metrics));
    filter.addUrlPatterns(PATH);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 40);
    return filter;
  }

  /** Around all that may answer: authentication, limits, CORS; behind only what a trusted proxy says of the client. */
  @Bean
  FilterRegistrationBean<AuditFilter> auditFilter(AuditLog log) {
    var filter = new FilterRegistrationBean<>(new AuditFilter(log));
    filter.addUrlPatterns(PATH);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 50);
    return filter;
  }

  @Bean
  FilterRegistrationBean<RequestBounds> requestBounds(FhirSettings settings, LimitSettings limits) {
    var filter = new FilterRegistrationBean<>(new RequestBounds(settings, limits));
    filter.addUrlPatterns(PATH);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 90); // behind what a trusted proxy says only
    return filter;
  }

  @Bean
  FilterRegistrationBean<RequestAdmission> requestAdmission(
      LimitSettings limits, MeterRegistry meters) {
    var filter = new FilterRegistrationBean<>(
        new RequestAdmission(limits, meters, TimeMeter.SYSTEM_NANOTIME));
    filter.addUrlPatterns(PATH);
    filter.setOrder(-50); // behind the audit log and what bounds bodies, before anything that works
    return filter;
  }

  /** An {@code ETag} for the CapabilityStatement, which clients ask for again and again; the statement changes with the service only. */
  @Bean
  FilterRegistrationBean<ShallowEtagHeaderFilter> metadataTags() {
    var tags = new ShallowEtagHeaderFilter();
    tags.setWriteWeakETag(true); // the same statement in two encodings says the same
    var filter = new FilterRegistrationBean<>(tags);
    filter.addUrlPatterns(PATH.replace("*", "metadata"));
    return filter;
  }

  /** Browser apps of other origins; refuses nothing that is no such request. */
  @Bean
  @ConditionalOnProperty("botox.fhir.allowed-origins")
  FilterRegistrationBean<CorsFilter> browserApps(FhirSettings settings) {
    CorsConfiguration apps = new CorsConfiguration();
    apps.setAllowedOrigins(settings.allowedOrigins());
    apps.setAllowedMethods(List.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"));
    apps.setAllowedHeaders(List.of(
        "Accept",
        "Authorization",
        "Content-Type",
        "If-Match",
        "If-None-Exist",
        "If-None-Match",
        "If-Modified-Since",
        "Prefer",
        Provenances.HEADER,
        PurposeOfUse.HEADER,
        "X-Request-ID",
        "traceparent"));
    apps.setExposedHeaders(List.of(
        "ETag",
        "Location",
        "Last-Modified",
        "Content-Location",
        "Retry-After",
        "WWW-Authenticate",
        "X-Request-ID",
        Preferences.APPLIED,
        ReadWriteProvider.WARNING_HEADER));
    apps.setMaxAge(Duration.ofHours(1));
    var paths = new UrlBasedCorsConfigurationSource();
    paths.registerCorsConfiguration("/**", apps);
    CorsFilter cors = new CorsFilter(paths);
    cors.setCorsProcessor(new ExplainedRefusals());
    var filter = new FilterRegistrationBean<>(cors);
    filter.addUrlPatterns(PATH);
    filter.setOrder(Ordered.HIGHEST_PRECEDENCE + 100);
    return filter;
  }

  /** Spring says it in words of its own, which are no FHIR. */
  private static final class ExplainedRefusals extends DefaultCorsProcessor {
    @Override
    protected void rejectRequest(ServerHttpResponse response) throws IOException {
      response.setStatusCode(HttpStatus.FORBIDDEN);
      response.getHeaders().set("Content-Type", StoredAnswers.JSON);
      response
          .getBody()
          .write(ContainerFaults.outcome(HttpServletResponse.SC_FORBIDDEN)
              .getBytes(StandardCharsets.UTF_8));
      response.flush();
    }
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

  /** HAPI's server with compartments and the methods of each path, and without its header that tells names and versions to whoever looks for known holes. */
  private static final class FhirServlet extends RestfulServer {
    private static final long serialVersionUID = 1L;

    private static final Set<String> METHODS =
        Set.of("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");

    private final transient RequestChecks checks;

    FhirServlet(FhirContext context, RequestChecks checks) {
      super(context);
      this.checks = checks;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      if (METHODS.contains(request.getMethod())) {
        super.service(request, response);
      } else {
        handleRequest(
            RequestTypeEnum.TRACE, request, response); // RequestChecks refuses it, as any other
      }
    }

    @Override
    protected void doOptions(HttpServletRequest request, HttpServletResponse response)
        throws ServletException, IOException {
      List<String> methods;
      try {
        methods = checks.methods(
            this,
            getRequestPath(
                request.getRequestURI(), request.getContextPath(), request.getServletPath()));
      } catch (FaultException nothingThere) {
        super.doOptions(request, response); // runs into it again, and answers it
        return;
      }
      response.setHeader("Allow", String.join(", ", methods));
      response.setStatus(HttpServletResponse.SC_NO_CONTENT);
    }

    @Override
    public void populateRequestDetailsFromRequestPath(RequestDetails request, String path) {
      super.populateRequestDetailsFromRequestPath(request, path);
      SearchAnswers.withinCompartment(request);
    }

    /** AuditFilter has said it, of answers that come from elsewhere too. */
    @Override
    protected void addRequestIdToResponse(ServletRequestDetails request, String id) {
      // nothing to add
    }

    @Override
    public void addHeadersToResponse(HttpServletResponse response) {
      // none of HAPI's own
    }
  }
}
