package org.botoxfhir.terminology;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.parser.LenientErrorHandler;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.OperationOutcomeIssueComponent;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another terminology server, which is asked for what is not on file. It is sent codes, names of definitions and definitions, never a
 * record.
 */
final class RemoteTerminology {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteTerminology.class);
  private static final String FHIR_JSON = "application/fhir+json";
  private static final Duration CONNECT = Duration.ofSeconds(3);
  /** Bytes of an answer; far more than the largest expansion that is passed on. */
  private static final long LARGEST = 20_000_000;

  private final FhirContext context;
  private final URI base;
  private final Duration timeout;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(CONNECT).build();

  RemoteTerminology(FhirContext context, URI base, Duration timeout) {
    this.context = context;
    this.base = base;
    this.timeout = timeout;
  }

  /**
   * Carries out an operation there.
   *
   * @param operation such as {@code CodeSystem/$lookup}
   * @throws FaultException {@link Fault.UnknownTerminology} or {@link Fault.Refused} with the server's own words when it refuses;
   *     {@link Fault.TerminologyServerAway} when it gives no answer that can be used
   */
  <T extends Resource> T call(String operation, Parameters parameters, Class<T> answer) {
    String separator = base.getPath().endsWith("/") ? "" : "/";
    HttpRequest request = HttpRequest.newBuilder(URI.create(base + separator + operation))
        .header("Accept", FHIR_JSON)
        .header("Content-Type", FHIR_JSON)
        .header(Terminology.FORWARDED, Terminology.FORWARDED_BY)
        .POST(BodyPublishers.ofString(context.newJsonParser().encodeResourceToString(parameters)))
        .build();
    HttpResponse<byte[]> response = send(request);
    int status = response.statusCode();
    return switch (status / 100) {
      case 2 -> read(response.body(), answer);
      case 4 -> throw refusal(status, response.body());
      default -> throw away("status " + status);
    };
  }

  /** The time is that until the whole answer is there; the client's own timeout would be over with its first bytes. */
  private HttpResponse<byte[]> send(HttpRequest request) {
    var answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), LARGEST));
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw away("no answer within %d s".formatted(timeout.toSeconds()));
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw away("no answer (%s)".formatted(cause.getClass().getSimpleName()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw away("interrupted");
    } finally {
      answer.cancel(true);
    }
  }

  private <T extends Resource> T read(byte[] body, Class<T> wanted) {
    IBaseResource resource;
    try {
      resource = parser().parseResource(new String(body, StandardCharsets.UTF_8));
    } catch (DataFormatException e) {
      throw away("an answer that is no FHIR R4 JSON");
    }
    if (!wanted.isInstance(resource)) {
      throw away("a %s instead of %s".formatted(resource.fhirType(), wanted.getSimpleName()));
    }
    return wanted.cast(resource);
  }

  private FaultException refusal(int status, byte[] body) {
    if (status == 401 || status == 403 || status == 408 || status == 429) {
      return away("status " + status); // not what was asked, but who asks or how often
    }
    String text = "the terminology server %s answers %d: %s".formatted(base, status, words(body));
    return new FaultException(
        status == 404 || status == 410
            ? Fault.unknownTerminology(text)
            : new Fault.Refused(List.of(Finding.error("not-supported", text, null))));
  }

  private String words(byte[] body) {
    try {
      if (parser().parseResource(new String(body, StandardCharsets.UTF_8))
          instanceof OperationOutcome outcome) {
        return outcome.getIssue().stream()
            .map(RemoteTerminology::words)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("; "));
      }
    } catch (DataFormatException e) {
      LOG.debug("a refusal of {} is no FHIR", base);
    }
    return "no reason";
  }

  private static String words(OperationOutcomeIssueComponent issue) {
    return issue.hasDiagnostics() ? issue.getDiagnostics() : issue.getDetails().getText();
  }

  /** What another server may add to FHIR is left out. */
  private IParser parser() {
    return context.newJsonParser().setParserErrorHandler(new LenientErrorHandler(false));
  }

  private FaultException away(String how) {
    LOG.warn("the terminology server {}: {}", base, how);
    return new FaultException(new Fault.TerminologyServerAway(base.toString(), how));
  }
}
