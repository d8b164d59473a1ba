package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.RequestTypeEnum;
import ca.uhn.fhir.rest.api.SummaryEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.api.server.ResponseDetails;
import ca.uhn.fhir.rest.server.RestfulServerUtils;
import jakarta.servlet.ServletResponseWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.botoxfhir.bundle.Reads;
import org.botoxfhir.fhir.ElementWalk;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StringType;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Serves stored bytes as they are. HAPI's methods return an empty resource that carries the answer; this hook writes it. What only
 * the HAPI encoder can do (XML, {@code _summary}, {@code _elements}, {@code _pretty}) gets the parsed resource instead.
 */
@Component
@Interceptor
public final class StoredAnswers {
  private static final String ANSWER = StoredAnswers.class.getName();
  private static final Set<SummaryEnum> TEXT = Set.of(SummaryEnum.TEXT);
  static final String JSON = "application/fhir+json;charset=UTF-8";

  private final FhirContext context;

  StoredAnswers(FhirContext context) {
    this.context = context;
  }

  /** JSON that is ready to be sent: pieces to be written one after the other. */
  record Answer(@Nullable StoredVersion version, List<byte[]> pieces) {}

  /** The class of a type's resources. */
  Class<? extends IBaseResource> model(String type) {
    return context.getResourceDefinition(type).getImplementingClass();
  }

  /** The resource of a version that is no deletion. */
  Resource parse(StoredVersion version) {
    return (Resource) context
        .newJsonParser()
        .parseResource(new String(version.content(), StandardCharsets.UTF_8));
  }

  /** An empty resource of the version's type that carries the version. */
  Resource carry(StoredVersion version) {
    Resource resource =
        (Resource) context.getResourceDefinition(version.key().type()).newInstance();
    resource.setIdElement(
        new IdType(version.key().type(), version.key().id(), Long.toString(version.version())));
    resource.getMeta().setLastUpdated(Date.from(version.lastUpdated()));
    resource.setUserData(ANSWER, new Answer(version, List.of(version.content())));
    return resource;
  }

  /** An empty bundle that carries its JSON. */
  static Bundle carry(List<byte[]> pieces, String id) {
    Bundle bundle = new Bundle();
    bundle.setId(id);
    bundle.setUserData(ANSWER, new Answer(null, pieces));
    return bundle;
  }

  /** Writes the answer that the resource carries; true leaves the answering to HAPI. */
  @Hook(Pointcut.SERVER_OUTGOING_RESPONSE)
  public boolean write(
      RequestDetails request, ResponseDetails details, HttpServletResponse response) {
    IBaseResource resource = details.getResponseResource();
    if (!(resource instanceof Resource carrier)
        || !(carrier.getUserData(ANSWER) instanceof Answer answer)) {
      return true;
    }
    StoredVersion version = answer.version();
    boolean get = request.getRequestType() == RequestTypeEnum.GET
        || request.getRequestType() == RequestTypeEnum.HEAD;
    if (version != null
        && get
        && VersionHeaders.matches(request.getHeader("If-None-Match"), version)) {
      VersionHeaders.set(response, version);
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      return false;
    }
    String contentType = JSON;
    List<byte[]> pieces = answer.pieces();
    if (!plain(request)) {
      if (version != null) {
        response.setHeader("ETag", VersionHeaders.etag(version.version()));
      }
      Resource parsed = (Resource) context.newJsonParser().parseResource(text(answer));
      if (encoding(request) == EncodingEnum.XML) {
        replaceWhatXmlCannotSay(parsed);
      }
      if (version == null || !TEXT.equals(RestfulServerUtils.determineSummaryMode(request))) {
        details.setResponseResource(parsed);
        return true;
      }
      // HAPI would send the narrative as a page of HTML; R4 wants a resource with little but it.
      IParser parser = encoding(request).newParser(context);
      RestfulServerUtils.configureResponseParser(request, parser);
      parser.setEncodeElementsAppliesToChildResourcesOnly(false);
      contentType = encoding(request).getResourceContentTypeNonLegacy() + ";charset=UTF-8";
      pieces = List.of(parser.encodeResourceToString(parsed).getBytes(StandardCharsets.UTF_8));
    }
    int status = details.getResponseCode();
    if (version != null) {
      VersionHeaders.set(response, version);
      if (!get) {
        // As HAPI does where it encodes: its client takes id and version of an update from here.
        response.setHeader(
            "Content-Location", VersionHeaders.location(request.getFhirServerBase(), version));
      }
      if (status == HttpServletResponse.SC_CREATED
          || request.getRequestType() == RequestTypeEnum.POST) {
        response.setHeader(
            "Location", VersionHeaders.location(request.getFhirServerBase(), version));
      }
    }
    send(status, contentType, pieces, response);
    return false;
  }

  /** JSON can name control characters; XML 1.0 has no way to. */
  private static void replaceWhatXmlCannotSay(Resource resource) {
    if (resource instanceof Bundle bundle) {
      bundle.getEntry().stream()
          .filter(Bundle.BundleEntryComponent::hasResource)
          .forEach(entry -> replaceWhatXmlCannotSay(entry.getResource()));
    }
    ElementWalk.walk(resource, element -> {
      if (element instanceof StringType text && text.hasValue()) {
        String value = text.getValue();
        String replaced = FaultAnswers.CONTROL.matcher(value).replaceAll("\uFFFD");
        if (!replaced.equals(value)) {
          text.setValue(replaced);
        }
      }
    });
  }

  /** What a read inside a bundle found, as JSON. */
  Reads.Found inBundle(RequestDetails details, Resource found, Reads.Request request) {
    Answer answer = found.getUserData(ANSWER) instanceof Answer carried ? carried : null;
    StoredVersion version = answer == null ? null : answer.version();
    if (version != null && VersionHeaders.isKnown(request, version)) {
      return new Reads.Found(true, version, List.of());
    }
    if (!request.withBody()) {
      return new Reads.Found(false, version, List.of());
    }
    if (answer != null && isWhole(details)) {
      return new Reads.Found(false, version, answer.pieces());
    }
    IParser parser = context.newJsonParser();
    RestfulServerUtils.configureResponseParser(details, parser);
    IBaseResource resource = answer == null ? found : parser.parseResource(text(answer));
    return new Reads.Found(
        false,
        version,
        List.of(parser.encodeResourceToString(resource).getBytes(StandardCharsets.UTF_8)));
  }

  private static void send(
      int status, String contentType, List<byte[]> pieces, HttpServletResponse response) {
    // The answer is complete: the buffer that tames HAPI's many small writes would only copy it.
    HttpServletResponse direct = response instanceof ServletResponseWrapper wrapper
            && wrapper.getResponse() instanceof HttpServletResponse unwrapped
        ? unwrapped
        : response;
    direct.setStatus(status);
    direct.setContentType(contentType);
    direct.setContentLengthLong(pieces.stream().mapToLong(p -> p.length).sum());
    try {
      OutputStream out = direct.getOutputStream();
      for (byte[] piece : pieces) {
        out.write(piece);
      }
    } catch (IOException gone) {
      throw new UncheckedIOException(gone);
    }
  }

  private static String text(Answer answer) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    answer.pieces().forEach(all::writeBytes);
    return all.toString(StandardCharsets.UTF_8);
  }

  /** Whether the stored JSON is what was asked for. */
  private static boolean plain(RequestDetails request) {
    return isWhole(request)
        && !request.getParameters().containsKey("_pretty")
        && encoding(request) == EncodingEnum.JSON;
  }

  /** Whether nothing is to be left out. */
  private static boolean isWhole(RequestDetails request) {
    var parameters = request.getParameters();
    if (parameters.containsKey("_elements")) {
      return false;
    }
    String[] summary = parameters.get("_summary");
    return summary == null || List.of("count", "false").contains(summary[0]);
  }

  private static EncodingEnum encoding(RequestDetails request) {
    return RestfulServerUtils.determineResponseEncodingWithDefault(request).getEncoding();
  }
}
