package org.botoxfhir.rest;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.exceptions.UnclassifiedServerFailureException;
import ca.uhn.fhir.rest.server.method.ResourceParameter;
import ca.uhn.fhir.rest.server.servlet.ServletRequestDetails;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.OperationOutcome.IssueSeverity;
import org.hl7.fhir.r4.model.OperationOutcome.IssueType;
import org.hl7.fhir.r4.model.StringType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/** The only class that knows both a fault and an HTTP status. Defects are answered 500 without a word of what was thrown. */
@Component
@Interceptor
public final class FaultAnswers {
  private static final Logger LOG = LoggerFactory.getLogger(FaultAnswers.class);

  /** RFC 6750, 3. */
  private static final String CHALLENGE = "Bearer realm=\"fhir\"";

  /** What reads a body before it calls a provider, so that nothing of ours is below it on the stack. */
  private static final String BODY_READER = ResourceParameter.class.getName();

  /** How HAPI marks its messages; of no use to a caller. */
  private static final Pattern MARK = Pattern.compile("HAPI-\\d{4}: ");

  /** Seconds, while the database does not answer. */
  static final String RETRY_AFTER_OUTAGE = "5";

  static final String NOT_ON_RECORD =
      "the request cannot be put on record in the audit log, so its answer is withheld; try again, and after a write look first whether it was carried out";

  /** Characters that JSON can hold, as escapes, and XML cannot. */
  static final Pattern CONTROL = Pattern.compile("[\\x00-\\x08\\x0B\\x0C\\x0E-\\x1F]");

  /** What HAPI puts before the parser's own words. */
  private static final Pattern WRAPPING = Pattern.compile(
      "Failed to parse request body as (JSON|XML) resource\\. Error was: (Failed to parse \\w+ encoded FHIR content: )?");

  /** Turns whatever was thrown into a status and an OperationOutcome. */
  @Hook(Pointcut.SERVER_PRE_PROCESS_OUTGOING_EXCEPTION)
  public BaseServerResponseException answer(
      Throwable thrown, RequestDetails request, HttpServletResponse response) {
    Throwable cause = unwrap(thrown);
    return switch (cause) {
      case FaultException fault -> answer(fault.fault(), response);
      case BaseServerResponseException known -> fromHapi(known, request);
      case DataAccessResourceFailureException away -> unavailable(away, response);
      case TransactionException away -> unavailable(away, response);
      case TransientDataAccessException away -> unavailable(away, response);
      case RuntimeException unreadable
      when readingBody(unreadable) ->
        answer(400, "invalid", "the body cannot be read; it breaks the structure of a resource");
      default -> defect(cause, request);
    };
  }

  /** How an entry of a batch is answered that was not carried out. */
  BaseServerResponseException answerEntry(RuntimeException thrown, ServletRequestDetails request) {
    return answer(thrown, request, new WithoutHeaders(request.getServletResponse()));
  }

  /** HAPI's parser throws whatever its code runs into, e.g. at a contained resource of no type. */
  private static boolean readingBody(RuntimeException thrown) {
    return Arrays.stream(thrown.getStackTrace())
        .anyMatch(frame -> frame.getClassName().equals(BODY_READER));
  }

  /** HAPI wraps what a provider throws; what matters is inside. */
  static Throwable unwrap(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof FaultException
          || t instanceof DataAccessException
          || t instanceof TransactionException) {
        return t;
      }
    }
    return thrown;
  }

  /** The status and the OperationOutcome of a fault; what belongs into headers is set in the response. */
  static BaseServerResponseException answer(Fault fault, HttpServletResponse response) {
    return switch (fault) {
      case Fault.NotFound(var key) -> answer(404, "not-found", key + " does not exist");
      case Fault.VersionNotFound(var key, var version) ->
        answer(
            404,
            "not-found",
            "%s has no version '%s'; GET %s/_history lists them".formatted(key, version, key));
      case Fault.Gone(var key, var version) -> {
        response.setHeader("ETag", VersionHeaders.etag(version));
        yield answer(
            410,
            "deleted",
            "%s was deleted as version %d; GET %s/_history lists what is left of it"
                .formatted(key, version, key));
      }
      case Fault.VersionConflict(var key, var expected, var current) ->
        answer(
            412,
            "conflict",
            current == 0
                ? "%s does not exist, so it has no version %s; leave out If-Match to create it"
                    .formatted(key, expected)
                : "%s is at version %d, not %s; read it and try again"
                    .formatted(key, current, expected));
      case Fault.Contention(var key) ->
        answer(
            409,
            "conflict",
            "others kept writing %s at the same moment; try again"
                .formatted(key == null ? "the same resources" : key));
      case Fault.Taken(var key) ->
        answer(
            412,
            "conflict",
            "%s is there already; write to it without the condition, or choose another id"
                .formatted(key));
      case Fault.Unmet(var findings) -> answer(412, findings);
      case Fault.InEntry(var path, var inner) -> inEntry(path, answer(inner, response));
      case Fault.TooManyEntries(var entries, var limit) ->
        answer(
            413,
            "too-long",
            "the bundle has %d entries, over the limit of %d; send it in parts, or raise botox.fhir.max-bundle-entries"
                .formatted(entries, limit));
      case Fault.SeveralMatches(var criteria) ->
        answer(
            412,
            "multiple-matches",
            "'%s' matches several resources; make it match one".formatted(criteria));
      case Fault.UnsupportedMediaType(var supported) ->
        answer(415, "not-supported", "send the body as %s".formatted(supported));
      case Fault.NoEndpoint(var path, var hint) ->
        answer(404, "not-found", "nothing is at '%s': %s".formatted(path, hint));
      case Fault.MethodNotAllowed(var method, var allowed) -> {
        response.setHeader("Allow", String.join(", ", allowed));
        yield answer(
            405,
            "not-supported",
            "%s is not possible here; possible are %s"
                .formatted(method, String.join(", ", allowed)));
      }
      case Fault.NotAcceptable(var asked, var offered) ->
        answer(
            406,
            "not-supported",
            "answers are written as %s, not as '%s'".formatted(offered, asked));
      case Fault.UrlTooLong(var limit) ->
        answer(
            414,
            "too-long",
            "the URL is over %d characters; send a search as POST to [type]/_search"
                .formatted(limit));
      case Fault.HeadersTooLarge(var limit) ->
        answer(431, "too-long", "the headers are over %d characters".formatted(limit));
      case Fault.NoMatch(var criteria) ->
        answer(404, "not-found", "'%s' matches nothing on file".formatted(criteria));
      case Fault.Invalid(var findings) -> answer(400, findings);
      case Fault.Refused(var findings) -> answer(422, findings);
      case Fault.StillReferenced(var key, var records) ->
        answer(
            409,
            "conflict",
            "%s has %d records; delete them first, or in the same transaction"
                .formatted(key, records));
      case Fault.Conflict(var findings) -> answer(409, findings);
      case Fault.Erased(var key) ->
        answer(
            410,
            "deleted",
            "what was %s is erased, and its id is not given again; send it under another one"
                .formatted(key));
      case Fault.EventsWaiting(var events) -> {
        response.setHeader("Retry-After", RETRY_AFTER_OUTAGE);
        yield answer(
            409,
            "conflict",
            "%d events of the record are still to be published, and would be lost; try again once they are"
                .formatted(events));
      }
      case Fault.TypeNotServed(var type, var served) ->
        answer(
            404,
            "not-supported",
            "%s is not served here; served are: %s".formatted(type, String.join(", ", served)));
      case Fault.Forbidden(var findings, var scope) -> {
        if (scope != null) {
          // RFC 6750, section 3.1
          response.setHeader(
              "WWW-Authenticate",
              "Bearer error=\"insufficient_scope\", scope=\"%s\"".formatted(scope));
        }
        yield answer(403, findings);
      }
      case Fault.ReadOnly(var type) ->
        answer(405, "not-supported", "%s can be read here, but not written".formatted(type));
      case Fault.OutboxFull(var rows, var bound) -> {
        response.setHeader("Retry-After", "30");
        yield answer(
            503,
            "transient",
            "%d events wait for publication (bound %d), so nothing that needs one is taken; try again"
                .formatted(rows, bound));
      }
      case Fault.IndexIncomplete(var parameters, var done, var total) -> {
        response.setHeader("Retry-After", "30");
        yield answer(
            503,
            "transient",
            "the search would miss resources: the index of %s is being made, %d of %d resources are done; try again"
                .formatted(String.join(", ", parameters), done, total));
      }
      case Fault.ValidationBusy(var timeout) -> {
        response.setHeader("Retry-After", "10");
        yield answer(
            503,
            "transient",
            "the resource was not validated within %d s (botox.validation.timeout); try again"
                .formatted(timeout.toSeconds()));
      }
      case Fault.AuditUnavailable() -> {
        response.setHeader("Retry-After", RETRY_AFTER_OUTAGE);
        yield answer(503, "transient", NOT_ON_RECORD);
      }
      case Fault.NoCode(var system, var code) ->
        answer(404, "not-found", "'%s' is no code of '%s'".formatted(code, system));
      case Fault.UnknownTerminology(var findings) -> answer(404, findings);
      case Fault.TerminologyNotHere(var findings) -> answer(422, findings);
      case Fault.DefinitionsIncomplete() -> {
        response.setHeader("Retry-After", "10");
        yield answer(
            503,
            "transient",
            "the definitions that come with R4 are being stored, and what was asked for may be among them; try again");
      }
      case Fault.TerminologyServerAway(var server, var how) -> {
        response.setHeader("Retry-After", "10");
        yield answer(
            503,
            "transient",
            "the answer is not on file, and the terminology server %s (botox.terminology.remote-url) does not give it: %s; try again"
                .formatted(server, how));
      }
      case Fault.NotAuthenticated(var error, var code, var text) -> {
        response.setHeader(
            "WWW-Authenticate",
            error == null
                ? CHALLENGE
                : CHALLENGE + ", error=\"%s\", error_description=\"%s\"".formatted(error, text));
        yield answer("invalid_request".equals(error) ? 400 : 401, code, text);
      }
      case Fault.IssuerAway(var issuer, var how) -> {
        response.setHeader("Retry-After", "10");
        yield answer(
            503,
            "transient",
            "nobody can be authenticated: %s gives no answer, %s; try again"
                .formatted(issuer, how));
      }
      case Fault.BodyTooLarge(var limit) ->
        answer(
            413,
            "too-long",
            "the body is over the limit of %d bytes; send it in parts, or raise botox.fhir.max-body-size"
                .formatted(limit));
      case Fault.BodyTooSlow(var timeout) ->
        answer(
            408,
            "timeout",
            "the body stopped, or did not arrive within %d s (botox.limits.body-timeout); send it faster, or in parts"
                .formatted(timeout.toSeconds()));
      case Fault.TooManyRequests(var setting, var limit, var retryAfter) -> {
        long seconds = Math.max(1, retryAfter.plusMillis(999).toSeconds());
        response.setHeader("Retry-After", Long.toString(seconds));
        yield answer(
            429,
            "throttled",
            "this client sends more than the %d of %s; try again in %d s"
                .formatted(limit, setting, seconds));
      }
      case Fault.Overloaded(var limit) -> {
        response.setHeader("Retry-After", "1");
        yield answer(
            503,
            "throttled",
            "%d requests are being worked on (botox.limits.concurrent-requests); try again"
                .formatted(limit));
      }
      case Fault.SearchTimeout(var timeout) ->
        answer(
            400,
            "too-costly",
            "the search ran past %d s (botox.fhir.search-timeout); narrow it, e.g. by patient or date"
                .formatted(timeout.toSeconds()));
    };
  }

  private static BaseServerResponseException inEntry(
      String path, BaseServerResponseException answer) {
    if (answer.getOperationOutcome() instanceof OperationOutcome outcome) {
      for (var issue : outcome.getIssue()) {
        if (!issue.getDiagnostics().startsWith("Bundle.")) {
          issue.setDiagnostics(path + ": " + issue.getDiagnostics());
          issue.setExpression(List.of(new StringType(path)));
        }
      }
    }
    return answer;
  }

  private static BaseServerResponseException fromHapi(
      BaseServerResponseException known, RequestDetails request) {
    if (known.getStatusCode() >= 500) {
      return defect(known, request);
    }
    if (known.getOperationOutcome() != null || known.getStatusCode() == 304) {
      return known;
    }
    String code = switch (known.getStatusCode()) {
      case 403 -> "forbidden";
      case 404 -> "not-found";
      case 405 -> "not-supported";
      case 409, 412 -> "conflict";
      default -> "invalid";
    };
    String text = known.getMessage() == null ? "the request is not valid" : known.getMessage();
    return answer(
        known.getStatusCode(),
        code,
        WRAPPING
            .matcher(MARK.matcher(text).replaceAll(""))
            .replaceAll("the $1 body cannot be read: "));
  }

  private static BaseServerResponseException unavailable(
      Exception away, HttpServletResponse response) {
    LOG.error("the database does not answer: {}", away.getClass().getSimpleName());
    response.setHeader("Retry-After", RETRY_AFTER_OUTAGE);
    return answer(
        503,
        "transient",
        "the database does not answer; try again, and after a write look first whether it was carried out");
  }

  private static BaseServerResponseException defect(Throwable thrown, RequestDetails request) {
    LOG.error(
        "request {} failed through a defect", request.getRequestId(), withoutMessages(thrown));
    return answer(
        500,
        "exception",
        "the service failed; this is a defect of the service, not of the request; its log has the cause under request id "
            + request.getRequestId());
  }

  /** Class and place tell the developer enough; messages may quote patient data. */
  private static Exception withoutMessages(Throwable thrown) {
    Throwable cause = thrown.getCause();
    Exception bare =
        new Exception(thrown.getClass().getName(), cause == null ? null : withoutMessages(cause));
    bare.setStackTrace(thrown.getStackTrace());
    return bare;
  }

  /** Headers say something of the whole answer, not of an entry. */
  private static final class WithoutHeaders extends HttpServletResponseWrapper {
    WithoutHeaders(HttpServletResponse response) {
      super(response);
    }

    @Override
    public void setHeader(String name, String value) {
      // left out
    }
  }

  private static BaseServerResponseException answer(int status, String code, String text) {
    return answer(status, List.of(Finding.error(code, text, null)));
  }

  private static BaseServerResponseException answer(int status, List<Finding> findings) {
    return new UnclassifiedServerFailureException(status, "HTTP " + status, outcome(findings));
  }

  /** The findings as R4 issues. */
  static OperationOutcome outcome(List<Finding> findings) {
    OperationOutcome outcome = new OperationOutcome();
    for (Finding finding : findings) {
      var issue = outcome.addIssue();
      issue.setSeverity(
          switch (finding.severity()) {
            case ERROR -> IssueSeverity.ERROR;
            case WARNING -> IssueSeverity.WARNING;
            case INFORMATION -> IssueSeverity.INFORMATION;
          });
      issue.setCode(IssueType.fromCode(finding.code()));
      issue.setDiagnostics(CONTROL.matcher(finding.text()).replaceAll("\uFFFD"));
      if (finding.expression() != null) {
        issue.addExpression(finding.expression());
      }
    }
    return outcome;
  }
}
