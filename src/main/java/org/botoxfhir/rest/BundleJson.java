package org.botoxfhir.rest;

import ca.uhn.fhir.context.FhirContext;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.UUID;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.search.Histories;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Bundle;
import org.jspecify.annotations.Nullable;

/** Puts bundles together from stored bytes: no resource is parsed or encoded. */
final class BundleJson {
  private final List<byte[]> pieces = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();
  private final String id = UUID.randomUUID().toString();
  private boolean entries;

  /**
   * @param type {@code searchset} or {@code history}
   * @param links from relation to URL
   */
  BundleJson(String type, OptionalLong total, Map<String, String> links) {
    text.append("{\"resourceType\":\"Bundle\",\"id\":\"")
        .append(id)
        .append("\",\"type\":\"")
        .append(type)
        .append('"');
    total.ifPresent(number -> text.append(",\"total\":").append(number));
    text.append(",\"link\":[");
    links.forEach((relation, url) -> text.append(text.charAt(text.length() - 1) == '[' ? "" : ",")
        .append("{\"relation\":\"")
        .append(relation)
        .append("\",\"url\":")
        .append(quoted(url))
        .append('}'));
    text.append(']');
  }

  /** What identifies the bundle; before any entry is added. */
  void identifier(String system, String value) {
    text.append(",\"identifier\":{\"system\":")
        .append(quoted(system))
        .append(",\"value\":")
        .append(quoted(value))
        .append('}');
  }

  /** An answer to a bundle. @param type {@code transaction-response} or {@code batch-response} */
  BundleJson(String type) {
    text.append("{\"resourceType\":\"Bundle\",\"type\":\"").append(type).append('"');
  }

  /**
   * Adds the answer to an entry.
   *
   * @param status e.g. {@code 201 Created}
   * @param version what the answer is about, or null
   * @param location whether it says where the version is
   * @param resource JSON in pieces; empty for none
   * @param outcome JSON, or null
   */
  void answered(
      String status,
      @Nullable StoredVersion version,
      boolean location,
      List<byte[]> resource,
      @Nullable String outcome) {
    entry();
    text.append('{');
    if (!resource.isEmpty()) {
      text.append("\"resource\":");
      flush();
      pieces.addAll(resource);
      text.append(',');
    }
    text.append("\"response\":{\"status\":\"").append(status).append('"');
    if (version != null && version.version() > 0) {
      if (location) {
        text.append(",\"location\":\"")
            .append(version.key())
            .append("/_history/")
            .append(version.version())
            .append('"');
      }
      text.append(",\"etag\":").append(quoted(VersionHeaders.etag(version.version())));
      text.append(",\"lastModified\":\"").append(version.lastUpdated()).append('"');
    }
    if (outcome != null) {
      text.append(",\"outcome\":").append(outcome);
    }
    text.append("}}");
  }

  /** Adds a match of a search. */
  void match(String base, StoredVersion version) {
    found(base, version, "match");
  }

  /** Adds what comes with the matches of a search. */
  void included(String base, StoredVersion version) {
    found(base, version, "include");
  }

  private void found(String base, StoredVersion version, String mode) {
    entry();
    text.append("{\"fullUrl\":")
        .append(quoted(base + "/" + version.key()))
        .append(",\"resource\":");
    flush();
    pieces.add(version.content());
    text.append(",\"search\":{\"mode\":\"").append(mode).append("\"}}");
  }

  /** Adds what the caller should know about the search. */
  void outcome(FhirContext context, List<Finding> findings) {
    if (!findings.isEmpty()) {
      entry();
      text.append("{\"resource\":")
          .append(context.newJsonParser().encodeResourceToString(FaultAnswers.outcome(findings)))
          .append(",\"search\":{\"mode\":\"outcome\"}}");
    }
  }

  /** Adds a version of a history; a deletion has no resource. Whether an update came as a patch is not kept. */
  void version(String base, Histories.Entry history) {
    StoredVersion version = history.version();
    entry();
    text.append("{\"fullUrl\":").append(quoted(base + "/" + version.key()));
    if (!version.deleted()) {
      text.append(",\"resource\":");
      flush();
      pieces.add(version.content());
    }
    String method = version.deleted() ? "DELETE" : version.version() == 1 ? "POST" : "PUT";
    String url = method.equals("POST") ? version.key().type() : version.key().toString();
    String status = version.deleted() ? "204" : history.creates() ? "201" : "200";
    text.append(",\"request\":{\"method\":\"")
        .append(method)
        .append("\",\"url\":")
        .append(quoted(url));
    text.append("},\"response\":{\"status\":\"").append(status);
    text.append("\",\"etag\":").append(quoted(VersionHeaders.etag(version.version())));
    text.append(",\"lastModified\":\"").append(version.lastUpdated()).append("\"}}");
  }

  /** The whole bundle, as an empty one that carries its JSON. */
  Bundle bundle() {
    text.append(entries ? "]}" : "}");
    flush();
    return StoredAnswers.carry(pieces, id);
  }

  private void entry() {
    text.append(entries ? "," : ",\"entry\":[");
    entries = true;
  }

  private void flush() {
    pieces.add(text.toString().getBytes(StandardCharsets.UTF_8));
    text.setLength(0);
  }

  private static String quoted(String plain) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(plain)) + '"';
  }
}
