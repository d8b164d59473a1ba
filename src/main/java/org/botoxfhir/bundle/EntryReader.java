package org.botoxfhir.bundle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleEntryRequestComponent;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** Understands the entries of one transaction, or says of each that cannot be understood what is wrong with it: all at once. */
final class EntryReader {
  private static final Pattern ETAG = Pattern.compile("(?:W/)?\"([^\"]+)\"");

  private final Function<Resource, Optional<String>> identity;
  private final List<Finding> invalid = new ArrayList<>();
  private final List<Finding> refused = new ArrayList<>();

  /** First entry that uses a full URL, a key or a condition. */
  private final Map<Object, Entry> claimed = new HashMap<>();

  private EntryReader(Function<Resource, Optional<String>> identity) {
    this.identity = identity;
  }

  /**
   * @param identity criteria ({@code Type?parameters}) under which a create of the resource is the same as an earlier one
   * @throws FaultException {@link Fault.Invalid} or, when the entries are well-formed but ask for what is not done here,
   *     {@link Fault.Refused}; with one finding for each thing that is wrong
   */
  static List<Entry> read(Bundle bundle, Function<Resource, Optional<String>> identity) {
    EntryReader reader = new EntryReader(identity);
    List<Entry> entries = new ArrayList<>(bundle.getEntry().size());
    for (int i = 0; i < bundle.getEntry().size(); i++) {
      Entry entry = reader.read(i, bundle.getEntry().get(i));
      if (entry != null) {
        reader.claim(entry);
        entries.add(entry);
      }
    }
    if (!reader.invalid.isEmpty()) {
      reader.invalid.addAll(reader.refused);
      throw new FaultException(new Fault.Invalid(reader.invalid));
    }
    if (!reader.refused.isEmpty()) {
      throw new FaultException(new Fault.Refused(reader.refused));
    }
    return entries;
  }

  /** The entry, or null after a finding. */
  private @Nullable Entry read(int index, BundleEntryComponent entry) {
    String path = Entry.path(index);
    BundleEntryRequestComponent request = entry.getRequest();
    HTTPVerb method = request.getMethod();
    if (method == null) {
      invalid.add(Finding.error(
          "required",
          "%s.request.method is missing; say what to do with the entry: POST, PUT or DELETE"
              .formatted(path),
          path + ".request.method"));
      return null;
    }
    if (request.hasIfNoneMatch() || request.hasIfModifiedSince()) {
      refused.add(Finding.error(
          "not-supported",
          "%s.request has ifNoneMatch or ifModifiedSince, which are for reads; leave them out"
              .formatted(path),
          path + ".request"));
      return null;
    }
    return switch (method) {
      case POST -> create(index, path, entry);
      case PUT -> update(index, path, entry);
      case DELETE -> delete(index, path, entry);
      case GET, HEAD, PATCH, NULL -> {
        refused.add(Finding.error(
            "not-supported",
            "%s.request.method is %s; a transaction takes POST, PUT and DELETE here, send the others on their own"
                .formatted(path, method.toCode()),
            path + ".request.method"));
        yield null;
      }
    };
  }

  private @Nullable Entry create(int index, String path, BundleEntryComponent entry) {
    Resource resource = resource(path, entry);
    if (resource == null) {
      return null;
    }
    String type = resource.fhirType();
    BundleEntryRequestComponent request = entry.getRequest();
    if (!type.equals(request.getUrl())) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.url of a POST must be the type of the resource, '%s'".formatted(path, type),
          path + ".request.url"));
      return null;
    }
    if (request.hasIfMatch()) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.ifMatch is for PUT and DELETE; use ifNoneExist or leave it out"
              .formatted(path),
          path + ".request.ifMatch"));
      return null;
    }
    String ifNoneExist = null;
    if (request.hasIfNoneExist()) {
      String text = request.getIfNoneExist();
      String parameters = text.substring(text.indexOf('?') + 1);
      String typed = text.contains("?") ? text.substring(0, text.indexOf('?')) : "";
      if (parameters.isEmpty() || !(typed.isEmpty() || typed.equals(type))) {
        invalid.add(Finding.error(
            "invalid",
            "%s.request.ifNoneExist must hold search parameters of %s, e.g. 'identifier=system|value'"
                .formatted(path, type),
            path + ".request.ifNoneExist"));
        return null;
      }
      ifNoneExist = type + "?" + parameters;
    }
    return new Entry.Create(
        index,
        entry.getFullUrl(),
        resource,
        ifNoneExist,
        identity.apply(resource).orElse(null));
  }

  private @Nullable Entry update(int index, String path, BundleEntryComponent entry) {
    Resource resource = resource(path, entry);
    ResourceKey key = key(path, entry.getRequest());
    if (resource == null || key == null) {
      return null;
    }
    if (entry.getRequest().hasIfNoneExist()) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.ifNoneExist is for POST; leave it out".formatted(path),
          path + ".request.ifNoneExist"));
      return null;
    }
    if (!key.type().equals(resource.fhirType())) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.url is for %s, the resource is %s; make them agree"
              .formatted(path, key.type(), resource.fhirType()),
          path + ".request.url"));
      return null;
    }
    if (!key.id().equals(resource.getIdElement().getIdPart())) {
      invalid.add(Finding.error(
          "invalid",
          "%s.resource.id must be '%s', as in request.url".formatted(path, key.id()),
          path + ".resource.id"));
      return null;
    }
    return new Entry.Update(
        index, entry.getFullUrl(), key, resource, ifMatch(path, entry.getRequest()));
  }

  private @Nullable Entry delete(int index, String path, BundleEntryComponent entry) {
    ResourceKey key = key(path, entry.getRequest());
    return key == null
        ? null
        : new Entry.Delete(index, entry.getFullUrl(), key, ifMatch(path, entry.getRequest()));
  }

  private @Nullable Resource resource(String path, BundleEntryComponent entry) {
    if (entry.getResource() == null) {
      invalid.add(Finding.error(
          "required",
          "%s.resource is missing; a %s needs one"
              .formatted(path, entry.getRequest().getMethod().toCode()),
          path + ".resource"));
      return null;
    }
    return entry.getResource();
  }

  private @Nullable ResourceKey key(String path, BundleEntryRequestComponent request) {
    String url = request.hasUrl() ? request.getUrl() : "";
    if (url.contains("?")) {
      refused.add(Finding.error(
          "not-supported",
          "%s.request.url has criteria; a transaction takes '[type]/[id]' here, search for the id first"
              .formatted(path),
          path + ".request.url"));
      return null;
    }
    Optional<ResourceKey> key = ResourceKey.ofReference(url);
    if (key.isEmpty() || !key.get().toString().equals(url)) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.url of a %s must be '[type]/[id]'"
              .formatted(path, request.getMethod().toCode()),
          path + ".request.url"));
      return null;
    }
    return key.get();
  }

  private @Nullable String ifMatch(String path, BundleEntryRequestComponent request) {
    if (!request.hasIfMatch()) {
      return null;
    }
    Matcher etag = ETAG.matcher(request.getIfMatch());
    if (!etag.matches()) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.ifMatch must be an ETag as this server gives it, e.g. W/\"3\""
              .formatted(path),
          path + ".request.ifMatch"));
      return null;
    }
    return etag.group(1);
  }

  /** A transaction has no order, so no two of its entries may be about the same thing. */
  private void claim(Entry entry) {
    if (entry.fullUrl() != null) {
      claim(entry, entry.fullUrl(), ".fullUrl", "full URL '" + entry.fullUrl() + "'");
    }
    switch (entry) {
      case Entry.Create create -> {
        if (create.ifNoneExist() != null) {
          claim(
              entry,
              create.ifNoneExist(),
              ".request.ifNoneExist",
              "condition '" + create.ifNoneExist() + "'");
        }
        if (create.identity() != null && !create.identity().equals(create.ifNoneExist())) {
          claim(entry, create.identity(), ".resource", "identity '" + create.identity() + "'");
        }
      }
      case Entry.Update update ->
        claim(entry, update.key(), ".request.url", update.key().toString());
      case Entry.Delete delete ->
        claim(entry, delete.key(), ".request.url", delete.key().toString());
    }
  }

  private void claim(Entry entry, Object what, String element, String name) {
    Entry first = claimed.putIfAbsent(what, entry);
    if (first != null) {
      invalid.add(Finding.error(
          "duplicate",
          "%s and %s have the same %s; a transaction may have it once, merge the entries or send two transactions"
              .formatted(first.path(), entry.path(), name),
          entry.path() + element));
    }
  }
}
