package org.botoxfhir.rest;

import jakarta.servlet.http.HttpServletResponse;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.botoxfhir.bundle.Reads;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;

/** The headers that tell which version an answer is, R4 http.html#versions. */
final class VersionHeaders {
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withZone(ZoneOffset.UTC);

  private VersionHeaders() {}

  static String etag(long version) {
    return "W/\"" + version + "\"";
  }

  static String lastModified(StoredVersion version) {
    return HTTP_DATE.format(version.lastUpdated());
  }

  static String location(String base, StoredVersion version) {
    return base + "/" + version.key() + "/_history/" + version.version();
  }

  /** The version in an {@code If-Match}: {@code W/"3"}, {@code "3"} or {@code 3}; empty when there is no such header. */
  static Optional<String> ifMatch(@Nullable String header) {
    return Optional.ofNullable(header).map(VersionHeaders::value).filter(v -> !v.equals("*"));
  }

  /** Whether an {@code If-None-Match} names this version. */
  static boolean matches(@Nullable String ifNoneMatch, StoredVersion version) {
    if (ifNoneMatch == null) {
      return false;
    }
    for (String tag : ifNoneMatch.split(",", -1)) {
      String value = value(tag);
      if (value.equals("*") || value.equals(Long.toString(version.version()))) {
        return true;
      }
    }
    return false;
  }

  /** Whether whoever reads in a bundle has this version already; {@code ifModifiedSince} counts only without {@code ifNoneMatch}. */
  static boolean isKnown(Reads.Request request, StoredVersion version) {
    if (request.ifNoneMatch() != null) {
      return matches(request.ifNoneMatch(), version);
    }
    return request.ifModifiedSince() != null
        && !version
            .lastUpdated()
            .isAfter(OffsetDateTime.parse(request.ifModifiedSince()).toInstant());
  }

  private static String value(String tag) {
    String text = tag.strip();
    if (text.startsWith("W/")) {
      text = text.substring(2);
    }
    return text.length() > 1 && text.startsWith("\"") && text.endsWith("\"")
        ? text.substring(1, text.length() - 1)
        : text;
  }

  static void set(HttpServletResponse response, StoredVersion version) {
    response.setHeader("ETag", etag(version.version()));
    response.setHeader("Last-Modified", lastModified(version));
  }
}
