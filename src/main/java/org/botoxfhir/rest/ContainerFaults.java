package org.botoxfhir.rest;

import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.core.StandardHost;
import org.apache.catalina.valves.ErrorReportValve;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.webmvc.error.ErrorController;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.RequestMapping;

/**
 * What the container refuses before FHIR comes by (a request line that cannot be read, an encoded slash, TRACE), and paths that are
 * not FHIR's, are answered with an OperationOutcome too; always JSON, as of such a request not even the headers may be known.
 */
@Controller
final class ContainerFaults
    implements ErrorController, WebServerFactoryCustomizer<TomcatServletWebServerFactory> {

  @Override
  public void customize(TomcatServletWebServerFactory factory) {
    factory.addContextCustomizers(context -> {
      if (context.getParent() instanceof StandardHost host) {
        host.setErrorReportValveClass(Valve.class.getName());
      }
    });
  }

  @RequestMapping("${server.error.path:/error}")
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    Object status = request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE);
    int code = status instanceof Integer known ? known : 404;
    response.setStatus(code);
    response.setContentType(StoredAnswers.JSON);
    response.getWriter().write(outcome(code));
  }

  /** Tomcat makes it by its name. */
  public static final class Valve extends ErrorReportValve {
    @Override
    protected void report(Request request, Response response, @Nullable Throwable thrown) {
      int status = response.getStatus();
      if (status < 400 || response.getContentWritten() > 0 || !response.setErrorReported()) {
        return;
      }
      try {
        response.setContentType(StoredAnswers.JSON);
        var writer = response.getReporter();
        if (writer != null) {
          writer.write(outcome(status));
          response.finishResponse();
        }
      } catch (IOException gone) {
        container.getLogger().debug("a client did not wait for why its request was refused");
      }
    }
  }

  /** Why a status was answered, in words that need nothing of the request. */
  static String outcome(int status) {
    String text = switch (status) {
      case 400 ->
        "the request cannot be read: its first line, a header, the framing of its body, a character of its URL, or URL and headers are over 48 KB; no encoded slash, backslash or NUL may be in a path";
      case 403 ->
        "browser apps of this origin, or with this method or header, are not allowed; see botox.fhir.allowed-origins";
      case 404 -> "nothing is here; FHIR is at /fhir, and /fhir/metadata says what it serves";
      case 405 -> "this method is not served here";
      case 408 ->
        "the request stopped arriving for longer than server.tomcat.connection-timeout; send it again";
      case 413 -> "the request is too large";
      case 417 -> "of Expect only 100-continue is served";
      case 501 -> "this method or transfer encoding is not served";
      case 505 -> "HTTP/1.0 and HTTP/1.1 are served";
      default -> status < 500 ? "the request is refused" : "the service failed";
    };
    String code = switch (status) {
      case 403 -> "forbidden";
      case 404 -> "not-found";
      case 405, 417, 501, 505 -> "not-supported";
      case 408 -> "timeout";
      case 413 -> "too-long";
      default -> status < 500 ? "invalid" : "exception";
    };
    return outcome(code, text);
  }

  /** @param text without characters that JSON would escape */
  static String outcome(String code, String text) {
    return "{\"resourceType\":\"OperationOutcome\",\"issue\":[{\"severity\":\"error\",\"code\":\"%s\",\"diagnostics\":\"%s\"}]}"
        .formatted(code, text);
  }
}
