package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.security.Authentication;
import tools.jackson.databind.json.JsonMapper;

/** {@code .well-known/smart-configuration}: where apps begin, so it needs no token. */
final class SmartConfigurationServlet extends HttpServlet {
  /** Below the FHIR base. */
  static final String PATH = ".well-known/smart-configuration";

  private static final long serialVersionUID = 1L;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final transient Authentication authentication;
  private final transient FhirContext context;

  SmartConfigurationServlet(Authentication authentication, FhirContext context) {
    this.authentication = authentication;
    this.context = context;
  }

  @Override
  protected void doGet(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    try {
      var smart = authentication.smartConfiguration().orElseThrow();
      write(response, "application/json", JSON.writeValueAsString(smart.document()));
    } catch (FaultException fault) {
      BaseServerResponseException answer = FaultAnswers.answer(fault.fault(), response);
      response.setStatus(answer.getStatusCode());
      write(
          response,
          StoredAnswers.JSON,
          context.newJsonParser().encodeResourceToString(answer.getOperationOutcome()));
    }
  }

  @Override
  protected void doOptions(HttpServletRequest request, HttpServletResponse response) {
    response.setHeader("Allow", "GET, HEAD, OPTIONS");
    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
  }

  private static void write(HttpServletResponse response, String type, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    response.setContentType(type);
    response.setContentLength(bytes.length);
    response.getOutputStream().write(bytes);
  }
}
