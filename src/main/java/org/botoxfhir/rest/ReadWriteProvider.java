package org.botoxfhir.rest;

import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.rest.annotation.ConditionalUrlParam;
import ca.uhn.fhir.rest.annotation.Create;
import ca.uhn.fhir.rest.annotation.Delete;
import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.ResourceParam;
import ca.uhn.fhir.rest.annotation.Update;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.MethodOutcome;
import ca.uhn.fhir.rest.api.PatchTypeEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import jakarta.servlet.http.HttpServletResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.patch.Patch;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteResult;
import org.botoxfhir.resource.WriteResult.Kind;
import org.botoxfhir.rest.Preferences.Returned;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** Create, update and delete beside the reads. */
final class ReadWriteProvider extends ReadOnlyProvider {
  /** One for each warning: issue code and element, without values; the whole text comes with Prefer: return=OperationOutcome. */
  static final String WARNING_HEADER = "X-FHIR-Warning";

  /** Characters of all warning headers of an answer; Tomcat has 8 KB for all headers. */
  private static final int WARNING_CHARACTERS = 4000;

  ReadWriteProvider(Parts parts, String type) {
    super(parts, type);
  }

  /** R4 http.html#create and #ccreate. */
  @Create
  public MethodOutcome create(
      @ResourceParam @Nullable Resource resource,
      @ConditionalUrlParam @Nullable String condition,
      RequestDetails request,
      HttpServletResponse response) {
    Resource given = required(resource);
    String criteria = condition == null ? null : criteria(condition);
    return outcome(resources(request).create(access(request), given, criteria), request, response);
  }

  /** R4 http.html#update, also as create under the client's id, and #cond-update. */
  @Update
  public MethodOutcome update(
      @IdParam @Nullable IdType id,
      @ConditionalUrlParam @Nullable String condition,
      @ResourceParam @Nullable Resource resource,
      RequestDetails request,
      HttpServletResponse response) {
    String expected = VersionHeaders.ifMatch(request.getHeader("If-Match")).orElse(null);
    Resource given = required(resource);
    if (condition == null) {
      boolean first = "*".equals(request.getHeader("If-None-Match"));
      Write write =
          first ? new Write.First(key(id), given) : new Write.Update(key(id), given, expected);
      return outcome(resources(request).write(access(request), write), request, response);
    }
    given.setIdElement(givenId(request));
    return outcome(
        resources(request).update(access(request), given, criteria(condition), expected),
        request,
        response);
  }

  /** The id in the body, which HAPI takes out of the resource of a conditional update. */
  private IdType givenId(RequestDetails request) {
    String body = new String(request.loadRequestContents(), StandardCharsets.UTF_8);
    IdType id = (IdType) EncodingEnum.detectEncoding(body)
        .newParser(parts.context())
        .parseResource(body)
        .getIdElement();
    return id.hasIdPart() ? new IdType(type, key(id).id()) : new IdType();
  }

  /** R4 http.html#delete and #3.1.0.7.1; several matches only where the setting allows it. */
  @Delete
  public MethodOutcome delete(
      @IdParam @Nullable IdType id,
      @ConditionalUrlParam(supportsMultiple = true) @Nullable String condition,
      RequestDetails request,
      HttpServletResponse response) {
    String expected = VersionHeaders.ifMatch(request.getHeader("If-Match")).orElse(null);
    if (condition != null) {
      List<WriteResult> deleted =
          parts.resources().delete(access(request), type, criteria(condition), expected);
      deleted.forEach(one -> Trails.wrote(request, one));
      MethodOutcome outcome = new MethodOutcome();
      outcome.setOperationOutcome(FaultAnswers.outcome(List.of(
          Finding.information("informational", "%d deleted".formatted(deleted.size()), null))));
      return outcome;
    }
    WriteResult result =
        parts.resources().write(access(request), new Write.Delete(key(id), expected));
    Trails.wrote(request, result);
    if (result.version().version() > 0) {
      response.setHeader("ETag", VersionHeaders.etag(result.version().version()));
    }
    MethodOutcome outcome = new MethodOutcome();
    Preferences preferences = Preferences.of(request);
    if (preferences.prefers(Returned.OPERATION_OUTCOME)) {
      outcome.setOperationOutcome(FaultAnswers.outcome(told(result)));
      preferences.returnedAsPreferred(request);
    }
    return outcome;
  }

  /** R4 http.html#patch: a JSON Patch or a FHIRPath Patch, by id or by criteria that match one resource. */
  @ca.uhn.fhir.rest.annotation.Patch
  public MethodOutcome patch(
      @IdParam @Nullable IdType id,
      @ConditionalUrlParam @Nullable String condition,
      PatchTypeEnum format,
      @ResourceParam @Nullable String body,
      RequestDetails request,
      HttpServletResponse response) {
    Patch patch = patch(format, body);
    ResourceKey key = condition == null
        ? key(id)
        : parts.resources().theOne(access(request), type, criteria(condition));
    String expected = VersionHeaders.ifMatch(request.getHeader("If-Match")).orElse(null);
    return outcome(
        resources(request)
            .write(
                access(request),
                new Write.Patch(
                    key, current -> patch.apply(current.key(), current.content()), expected)),
        request,
        response);
  }

  /** The door through which what the client says of its write is stored too. */
  private Resources resources(RequestDetails request) {
    return parts.provenances().of(request).map(parts.resources()::with).orElse(parts.resources());
  }

  private Patch patch(PatchTypeEnum format, @Nullable String body) {
    String text = body == null ? "" : body;
    return switch (format) {
      case JSON_PATCH -> parts.patches().json(text);
      case FHIR_PATCH_JSON, FHIR_PATCH_XML -> {
        EncodingEnum encoding =
            format == PatchTypeEnum.FHIR_PATCH_JSON ? EncodingEnum.JSON : EncodingEnum.XML;
        yield parts.patches().fhirPath(parameters(text, encoding.newParser(parts.context())));
      }
      case XML_PATCH ->
        throw new FaultException(
            new Fault.UnsupportedMediaType(
                "application/json-patch+json, or Parameters as application/fhir+json or application/fhir+xml"));
    };
  }

  private static Parameters parameters(String body, IParser parser) {
    try {
      return parser.parseResource(Parameters.class, body);
    } catch (DataFormatException unreadable) {
      throw new FaultException(Fault.invalid(
          "structure",
          "the body is no Parameters resource with the operations of a FHIRPath Patch: "
              + unreadable.getMessage(),
          null));
    }
  }

  private static String criteria(String condition) {
    return condition.substring(condition.indexOf('?') + 1);
  }

  private Resource required(@Nullable Resource resource) {
    if (resource == null) {
      throw new FaultException(Fault.invalid(
          "required",
          "the request has no body; send the %s as application/fhir+json".formatted(type),
          null));
    }
    return resource;
  }

  private MethodOutcome outcome(
      WriteResult result, RequestDetails request, HttpServletResponse response) {
    Trails.wrote(request, result);
    MethodOutcome outcome = new MethodOutcome();
    outcome.setCreated(result.kind() == Kind.CREATED);
    Resource carrier = parts.answers().carry(result.version());
    outcome.setResource(carrier);
    outcome.setId(carrier.getIdElement());
    response.setHeader("ETag", VersionHeaders.etag(result.version().version()));
    if (result.kind() == Kind.CREATED && !request.getRequestType().name().equals("POST")) {
      response.setHeader(
          "Location", VersionHeaders.location(request.getFhirServerBase(), result.version()));
    }
    warn(result, response);
    Preferences preferences = Preferences.of(request);
    if (result.hasMoreToSay() && preferences.prefers(Returned.MINIMAL)) {
      // What a patient should do now is never left out. A header may be cut, dropped on the way or
      // without the letters of the language.
      preferences = preferences.withReturned(Returned.OPERATION_OUTCOME);
      preferences.leaveTo(request);
    } else {
      preferences.returnedAsPreferred(request);
    }
    if (preferences.prefers(Returned.OPERATION_OUTCOME)) {
      outcome.setOperationOutcome(FaultAnswers.outcome(told(result)));
    }
    return outcome;
  }

  /** A header that the container has no room for would turn the answer of a write that was stored into a failure. */
  private static void warn(WriteResult result, HttpServletResponse response) {
    List<String> warnings = result.findings().stream()
        .filter(finding -> finding.severity() == Finding.Severity.WARNING)
        .map(finding ->
            finding.code() + (finding.expression() == null ? "" : " " + finding.expression()))
        .toList();
    int room = WARNING_CHARACTERS;
    for (int i = 0; i < warnings.size(); i++) {
      room -= warnings.get(i).length() + WARNING_HEADER.length();
      if (room < 0) {
        response.addHeader(WARNING_HEADER, "too-long %d more".formatted(warnings.size() - i));
        return;
      }
      response.addHeader(WARNING_HEADER, warnings.get(i));
    }
  }

  /** All that there is to say of a write. */
  static List<Finding> told(WriteResult result) {
    List<Finding> all = new ArrayList<>(result.findings());
    if (result.version().version() == 0) {
      all.add(Finding.information("informational", "there was nothing to delete", null));
      return all;
    }
    String what = switch (result.kind()) {
      case CREATED -> "created as ";
      case UPDATED -> "updated to ";
      case UNCHANGED -> "unchanged: the content is that of ";
      case EXISTED -> "not created again: there is ";
      case DELETED -> "deleted as ";
    };
    all.add(Finding.information(
        "informational",
        what + result.version().key() + "/_history/" + result.version().version(),
        null));
    return all;
  }
}
