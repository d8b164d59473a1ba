package org.botoxfhir.rest;

import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.patch.Patches;
import org.jspecify.annotations.Nullable;

/**
 * In what an answer is written, and what a body may be written in (R4 http.html#mime-type, RFC 9110 section 12). HAPI takes what it
 * does not know for JSON, and a charset for a decoration.
 */
final class MediaTypes {
  private static final String JSON = EncodingEnum.JSON.getResourceContentTypeNonLegacy();
  private static final String XML = EncodingEnum.XML.getResourceContentTypeNonLegacy();
  private static final Set<String> JSON_NAMES =
      Set.of(JSON, "application/json", "text/json", "application/json+fhir");
  private static final Set<String> XML_NAMES =
      Set.of(XML, "application/xml", "text/xml", "application/xml+fhir");

  private static final Set<String> WITH_BODY = Set.of("POST", "PUT", "PATCH");

  static final String FORM = "application/x-www-form-urlencoded";
  private static final String BODIES = JSON + " or " + XML + ", in UTF-8";

  private MediaTypes() {}

  /**
   * Leaves the request one that asks for FHIR JSON or FHIR XML in so many words; {@code _format} goes before {@code Accept}.
   *
   * @throws FaultException with {@link Fault.NotAcceptable}; the request then asks for JSON
   */
  static void negotiate(RequestDetails request) {
    String[] format = request.getParameters().get("_format");
    List<String> accept = request.getHeaders("Accept");
    if (format == null
        && (accept.isEmpty() || (accept.size() == 1 && accept.getFirst().equals(JSON)))) {
      return;
    }
    String asked = format == null ? String.join(",", accept) : format[0];
    @Nullable EncodingEnum encoding = format == null ? accepted(asked) : named(asked);
    if (encoding == null) {
      request.removeParameter("_format");
      request.setHeaders("Accept", List.of(JSON));
      throw new FaultException(new Fault.NotAcceptable(asked, JSON + ", " + XML));
    }
    request.setHeaders("Accept", List.of(encoding.getResourceContentTypeNonLegacy()));
  }

  /** The encoding that a {@code _format} names; a plus that was not escaped arrives as a blank. */
  private static @Nullable EncodingEnum named(String format) {
    String name = name(format).replace(' ', '+');
    if (!isR4(format)) {
      return null;
    }
    return name.equals("json") || JSON_NAMES.contains(name)
        ? EncodingEnum.JSON
        : name.equals("xml") || XML_NAMES.contains(name) ? EncodingEnum.XML : null;
  }

  private static @Nullable EncodingEnum accepted(String accept) {
    double json = -1;
    double xml = -1;
    double any = -1;
    double html = -1;
    boolean readable = false;
    for (String range : accept.split(",", -1)) {
      String name = name(range);
      readable |= name.equals("*") || name.matches("[a-z0-9.+*-]+/[a-z0-9.+*-]+");
      double quality = isR4(range) ? quality(range) : 0;
      if (JSON_NAMES.contains(name)) {
        json = Math.max(json, quality);
      } else if (XML_NAMES.contains(name)) {
        xml = Math.max(xml, quality);
      } else if (name.equals("*/*") || name.equals("*") || name.equals("application/*")) {
        any = Math.max(any, quality);
      } else if (name.equals("text/html")) {
        html = Math.max(html, quality);
      }
    }
    double forJson = json >= 0 ? json : any;
    double forXml = xml >= 0 ? xml : any;
    // Browsers would rather have a page, then XML, then anything; of what there is they show JSON.
    boolean browser = html > 0 && forJson > 0;
    if (!readable || browser || (forJson > 0 && forJson >= forXml)) {
      return EncodingEnum.JSON;
    }
    return forXml > 0 ? EncodingEnum.XML : null;
  }

  /**
   * Refuses a body that is not what the interaction reads.
   *
   * @param path below the base
   * @throws FaultException with {@link Fault.UnsupportedMediaType}
   */
  static void checkBody(RequestDetails request, HttpServletRequest servlet, String path) {
    String method = servlet.getMethod();
    boolean body =
        servlet.getContentLengthLong() > 0 || servlet.getHeader("Transfer-Encoding") != null;
    if (!body || !WITH_BODY.contains(method)) {
      return;
    }
    if (servlet.getHeader("Content-Encoding") != null) {
      throw unsupported("%s, without a Content-Encoding".formatted(BODIES));
    }
    String type = servlet.getContentType();
    boolean search = path.endsWith("_search");
    if (JSON.equals(type) && !search) {
      return;
    }
    String name = type == null ? "" : name(type);
    boolean form = name.equals(FORM) && (search || path.contains("$"));
    boolean resource = !search && (JSON_NAMES.contains(name) || XML_NAMES.contains(name));
    boolean patch = method.equals("PATCH") && name.equals(Patches.JSON_PATCH);
    if (type == null || !(form || resource || patch) || !isUtf8(type) || !isR4(type)) {
      throw unsupported(
          search
              ? FORM + ", in UTF-8"
              : method.equals("PATCH")
                  ? Patches.JSON_PATCH + ", or Parameters as " + BODIES
                  : BODIES);
    }
    if (!type.startsWith(name)) {
      request.setHeaders("Content-Type", List.of(name));
    }
  }

  /** Whether a body of this type is JSON. */
  static boolean isJson(@Nullable String contentType) {
    return contentType != null && JSON_NAMES.contains(name(contentType));
  }

  /** Whether a body of this type is XML. */
  static boolean isXml(@Nullable String contentType) {
    return contentType != null && XML_NAMES.contains(name(contentType));
  }

  private static FaultException unsupported(String instead) {
    return new FaultException(new Fault.UnsupportedMediaType(instead));
  }

  private static String name(String type) {
    int end = type.indexOf(';');
    return (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  private static double quality(String range) {
    String quality = parameter(range, "q");
    if (quality == null) {
      return 1;
    }
    try {
      return Double.parseDouble(quality);
    } catch (NumberFormatException unreadable) {
      return 0;
    }
  }

  private static boolean isUtf8(String type) {
    String charset = parameter(type, "charset");
    return charset == null || charset.equals("utf-8") || charset.equals("utf8");
  }

  /** Whether no version of FHIR is named, or this one. */
  private static boolean isR4(String type) {
    String version = parameter(type, "fhirversion");
    return version == null || version.equals("4.0") || version.equals("4.0.1");
  }

  private static @Nullable String parameter(String type, String name) {
    String[] parts = type.toLowerCase(Locale.ROOT).split(";", -1);
    for (int i = 1; i < parts.length; i++) {
      String part = parts[i].strip();
      if (part.startsWith(name + "=")) {
        return part.substring(name.length() + 1).replace("\"", "").strip();
      }
    }
    return null;
  }
}
