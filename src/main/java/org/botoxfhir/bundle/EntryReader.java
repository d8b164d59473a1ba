package org.botoxfhir.bundle;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.botoxfhir.bundle.Entry.Target;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.patch.Patch;
import org.botoxfhir.patch.Patches;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleEntryRequestComponent;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** Understands the entries of a transaction or batch, or says of each that cannot be understood what is wrong with it: all at once. */
final class EntryReader {
  private static final Pattern ETAG = Pattern.compile("(?:W/)?\"([^\"]+)\"");

  private final Function<Resource, Optional<String>> identity;
  private final Patches patches;
  private final Predicate<String> readOnly;
  private final List<Finding> invalid = new ArrayList<>();
  private final List<Finding> refused = new ArrayList<>();

  /** First entry that uses a full URL, a key or a condition. */
  private final Map<Object, Entry> claimed = new HashMap<>();

  /**
   * @param identity criteria ({@code Type?parameters}) under which a create of the resource is the same as an earlier one
   * @param readOnly which types are served for reading only
   */
  EntryReader(
      Function<Resource, Optional<String>> identity, Patches patches, Predicate<String> readOnly) {
    this.identity = identity;
    this.patches = patches;
    this.readOnly = readOnly;
  }

  /**
   * All entries of a transaction.
   *
   * @throws FaultException {@link Fault.Invalid} or, when the entries are well-formed but ask for what is not done here,
   *     {@link Fault.Refused}; with one finding for each thing that is wrong
   */
  List<Entry> readAll(Bundle bundle) {
    List<Entry> entries = new ArrayList<>(bundle.getEntry().size());
    for (int i = 0; i < bundle.getEntry().size(); i++) {
      Entry entry = read(i, bundle.getEntry().get(i));
      if (entry != null) {
        refusePostedOperation(entry);
        claim(entry);
        entries.add(entry);
      }
    }
    refuse();
    return entries;
  }

  /**
   * One entry of a batch.
   *
   * @throws FaultException as {@link #readAll} does
   */
  Entry readOne(Bundle bundle, int index) {
    Entry entry = read(index, bundle.getEntry().get(index));
    refuse();
    return Objects.requireNonNull(entry);
  }

  /** It may change what the other entries are about, and R4 gives it no place in their order. */
  private void refusePostedOperation(Entry entry) {
    if (entry instanceof Entry.Read read && read.request().method() == Reads.Method.POST) {
      refused.add(Finding.error(
          "not-supported",
          "%s is an operation by POST, which a transaction does not take; send it in a batch or on its own"
              .formatted(entry.path()),
          entry.path() + ".request.url"));
    }
  }

  private void refuse() {
    if (!invalid.isEmpty()) {
      List<Finding> all = new ArrayList<>(invalid);
      all.addAll(refused);
      throw new FaultException(new Fault.Invalid(all));
    }
    if (!refused.isEmpty()) {
      throw new FaultException(new Fault.Refused(List.copyOf(refused)));
    }
  }

  /** The entry, or null after a finding. */
  private @Nullable Entry read(int index, BundleEntryComponent entry) {
    String path = Entry.path(index);
    BundleEntryRequestComponent request = entry.getRequest();
    HTTPVerb method = request.getMethod();
    if (method == null || method == HTTPVerb.NULL) {
      invalid.add(Finding.error(
          "required",
          "%s.request.method is missing; say what to do with the entry: GET, HEAD, POST, PUT, PATCH or DELETE"
              .formatted(path),
          path + ".request.method"));
      return null;
    }
    boolean read = method == HTTPVerb.GET || method == HTTPVerb.HEAD;
    if (!conditionsFit(path, method, read, request)) {
      return null;
    }
    if (read) {
      return read(index, path, entry);
    }
    String url = Objects.requireNonNullElse(request.getUrl(), "");
    if (method == HTTPVerb.POST && EntrySearch.isSearch(url)) {
      return search(index, path, entry);
    }
    if (method == HTTPVerb.POST && EntrySearch.isOperation(url)) {
      return new Entry.Read(
          index,
          entry.getFullUrl(),
          new Reads.Request(url, Reads.Method.POST, entry.getResource(), null, null));
    }
    Entry written = switch (method) {
      case POST -> create(index, path, entry);
      case PUT -> update(index, path, entry);
      case PATCH -> change(index, path, entry);
      default -> delete(index, path, entry);
    };
    String type = written == null ? null : written.writtenType();
    if (type != null && readOnly.test(type)) {
      refused.add(Finding.error(
          "not-supported",
          "%s is of type %s, which is served for reading only; leave it out".formatted(path, type),
          path));
      return null;
    }
    return written;
  }

  private boolean conditionsFit(
      String path, HTTPVerb method, boolean read, BundleEntryRequestComponent request) {
    String condition = null;
    if (request.hasIfMatch() && (read || method == HTTPVerb.POST)) {
      condition = "ifMatch";
    } else if (request.hasIfNoneExist()
        && (method != HTTPVerb.POST || !isCreate(request.getUrl()))) {
      condition = "ifNoneExist";
    } else if (request.hasIfModifiedSince() && !read) {
      condition = "ifModifiedSince";
    } else if (request.hasIfNoneMatch()
        && !read
        && !(method == HTTPVerb.PUT
            && request.getIfNoneMatch().equals("*")
            && !Target.isCriteria(Objects.requireNonNullElse(request.getUrl(), "")))) {
      condition = "ifNoneMatch";
    }
    if (condition == null) {
      return true;
    }
    invalid.add(Finding.error(
        "invalid",
        "%1$s.request.%2$s is not for %3$s; ifMatch is for PUT, PATCH and DELETE, ifNoneExist for POST of a type, ifModifiedSince for GET, ifNoneMatch for GET and, as '*', for PUT by id"
            .formatted(path, condition, method.toCode()),
        path + ".request." + condition));
    return false;
  }

  private static boolean isCreate(@Nullable String url) {
    return url == null || !(EntrySearch.isSearch(url) || EntrySearch.isOperation(url));
  }

  private @Nullable Entry search(int index, String path, BundleEntryComponent entry) {
    Optional<String> url = EntrySearch.url(entry.getRequest().getUrl(), entry.getResource());
    if (url.isEmpty()) {
      invalid.add(Finding.error(
          "invalid",
          "%s.resource of a search must be Parameters with simple values, or a Binary with contentType 'application/x-www-form-urlencoded'; or leave it out and put the parameters into the URL"
              .formatted(path),
          path + ".resource"));
      return null;
    }
    return new Entry.Read(
        index,
        entry.getFullUrl(),
        new Reads.Request(url.get(), Reads.Method.GET, null, null, null));
  }

  private @Nullable Entry read(int index, String path, BundleEntryComponent entry) {
    BundleEntryRequestComponent request = entry.getRequest();
    if (!request.hasUrl()) {
      invalid.add(Finding.error(
          "required",
          "%s.request.url is missing; write what to read, e.g. Patient/1".formatted(path),
          path + ".request.url"));
      return null;
    }
    return new Entry.Read(
        index,
        entry.getFullUrl(),
        new Reads.Request(
            request.getUrl(),
            request.getMethod() == HTTPVerb.GET ? Reads.Method.GET : Reads.Method.HEAD,
            null,
            request.getIfNoneMatch(),
            request.hasIfModifiedSince()
                ? request.getIfModifiedSinceElement().getValueAsString()
                : null));
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
    Target target = target(path, entry.getRequest());
    if (resource == null || target == null) {
      return null;
    }
    if (!target.type().equals(resource.fhirType())) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.url is for %s, the resource is %s; make them agree"
              .formatted(path, target.type(), resource.fhirType()),
          path + ".request.url"));
      return null;
    }
    if (target instanceof Target.One(var key)
        && !key.id().equals(resource.getIdElement().getIdPart())) {
      invalid.add(Finding.error(
          "invalid",
          "%s.resource.id must be '%s', as in request.url".formatted(path, key.id()),
          path + ".resource.id"));
      return null;
    }
    return new Entry.Update(
        index,
        entry.getFullUrl(),
        target,
        resource,
        ifMatch(path, entry.getRequest()),
        entry.getRequest().hasIfNoneMatch());
  }

  /** A JSON Patch comes in a Binary, a FHIRPath Patch is a Parameters resource. */
  private @Nullable Entry change(int index, String path, BundleEntryComponent entry) {
    Resource resource = resource(path, entry);
    Target target = target(path, entry.getRequest());
    if (resource == null || target == null) {
      return null;
    }
    Patch patch;
    try {
      patch = switch (resource) {
        case Binary binary
        when Patches.JSON_PATCH.equals(binary.getContentType()) && binary.getData() != null ->
          patches.json(new String(binary.getData(), StandardCharsets.UTF_8));
        case Parameters parameters -> patches.fhirPath(parameters);
        default -> null;
      };
    } catch (FaultException malformed) {
      if (malformed.fault() instanceof Fault.Invalid(var findings)) {
        findings.forEach(finding -> invalid.add(finding.in(path)));
        return null;
      }
      throw malformed;
    }
    if (patch == null) {
      invalid.add(Finding.error(
          "invalid",
          "%s.resource of a PATCH must be a Binary with contentType '%s', or Parameters with the operations of a FHIRPath Patch"
              .formatted(path, Patches.JSON_PATCH),
          path + ".resource"));
      return null;
    }
    return new Entry.Change(
        index, entry.getFullUrl(), target, patch, resource, ifMatch(path, entry.getRequest()));
  }

  private @Nullable Entry delete(int index, String path, BundleEntryComponent entry) {
    Target target = target(path, entry.getRequest());
    return target == null
        ? null
        : new Entry.Delete(index, entry.getFullUrl(), target, ifMatch(path, entry.getRequest()));
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

  private @Nullable Target target(String path, BundleEntryRequestComponent request) {
    String url = request.hasUrl() ? request.getUrl() : "";
    if (Target.isCriteria(url)) {
      return new Target.Matching(url);
    }
    Optional<ResourceKey> key = ResourceKey.ofReference(url);
    if (key.isEmpty() || !key.get().toString().equals(url)) {
      invalid.add(Finding.error(
          "invalid",
          "%s.request.url of a %s must be '[type]/[id]' or '[type]?[criteria]'"
              .formatted(path, request.getMethod().toCode()),
          path + ".request.url"));
      return null;
    }
    return new Target.One(key.get());
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
      case Entry.Update update -> claim(update, update.target());
      case Entry.Change change -> claim(change, change.target());
      case Entry.Delete delete -> claim(delete, delete.target());
      case Entry.Read ignored -> {
        // what is read may be read twice
      }
    }
  }

  private void claim(Entry entry, Target target) {
    String name = switch (target) {
      case Target.One(var key) -> key.toString();
      case Target.Matching(var text) -> "condition '" + text + "'";
    };
    claim(entry, target, ".request.url", name);
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
