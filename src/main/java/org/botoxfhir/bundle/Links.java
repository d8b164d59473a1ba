package org.botoxfhir.bundle;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ElementWalk;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Base;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Narrative;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.UriType;
import org.hl7.fhir.utilities.xhtml.XhtmlNode;
import org.jspecify.annotations.Nullable;

/**
 * The links within one transaction: references by {@code urn:uuid}, {@code urn:oid}, absolute or relative URL, and conditional
 * references. Found by one walk over each resource before the database transaction begins; rewritten once the keys are known.
 */
final class Links {
  private static final Pattern RESTFUL =
      Pattern.compile("(https?://.+/)[A-Z][A-Za-z]{1,63}/[A-Za-z0-9.\\-]{1,64}");

  /** Entries by what others may call them; several by one name is an ambiguity, an error only where the name is used. */
  private final Map<String, Entry> byFullUrl = new HashMap<>();

  private final Map<String, Entry> byCondition = new HashMap<>();
  private final Map<String, Entry> byLocalReference = new HashMap<>();
  private final Set<String> ambiguous = new HashSet<>();

  private final List<ToEntry> toEntries = new ArrayList<>();
  private final Map<String, List<Conditional>> conditionals = new LinkedHashMap<>();
  private final Map<Integer, List<Finding>> warnings = new HashMap<>();
  private final List<Finding> errors = new ArrayList<>();

  /** A place in one entry that names another. */
  private record ToEntry(Entry from, Entry target, Consumer<String> place) {}

  /** A reference that names a resource by search criteria. */
  private record Conditional(Entry from, Resource resource, Reference reference) {
    String path() {
      return Links.path(from, resource, reference);
    }
  }

  private Links(List<Entry> entries) {
    for (Entry entry : entries) {
      name(entry);
    }
    for (Entry entry : entries) {
      Resource resource = entry.sent();
      if (resource != null) {
        find(entry, resource);
      }
    }
  }

  /** Finds the links of all entries; changes nothing. */
  static Links of(List<Entry> entries) {
    return new Links(entries);
  }

  /** Criteria of the conditional references that no entry of the bundle answers itself. */
  Set<String> criteria() {
    return conditionals.keySet();
  }

  /** Where each conditional reference with these criteria stands, e.g. {@code Bundle.entry[3].resource.performer[0].actor}. */
  List<String> places(String criteria) {
    return conditionals.getOrDefault(criteria, List.of()).stream()
        .map(Conditional::path)
        .toList();
  }

  /** Indices of the entries that refer to what another entry creates. */
  Set<Integer> referringToNew() {
    Set<Integer> indices = new HashSet<>();
    for (ToEntry link : toEntries) {
      if (link.from() != link.target() && link.target() instanceof Entry.Create) {
        indices.add(link.from().index());
      }
    }
    return indices;
  }

  /** What makes the bundle impossible to understand. */
  List<Finding> errors() {
    return errors;
  }

  /** What the sender should know of an entry that is stored nevertheless. */
  List<Finding> warnings(Entry entry) {
    return warnings.getOrDefault(entry.index(), List.of());
  }

  /**
   * Rewrites every link to the relative reference of what it names.
   *
   * @param keys key of each entry
   * @param matches what {@link #criteria} match; an absent one leads to a finding and its references are left alone
   * @return one error for each conditional reference that matches nothing
   */
  List<Finding> rewrite(Function<Entry, ResourceKey> keys, Map<String, ResourceKey> matches) {
    List<Finding> unmatched = new ArrayList<>();
    for (ToEntry link : toEntries) {
      link.place().accept(keys.apply(link.target()).toString());
    }
    conditionals.forEach((criteria, references) -> {
      ResourceKey match = matches.get(criteria);
      for (Conditional conditional : references) {
        if (match == null) {
          String path = conditional.path();
          unmatched.add(Finding.error(
              "not-found",
              "%s refers to '%s', which matches nothing; store that resource first, or put it into the bundle"
                  .formatted(path, criteria),
              path));
        } else {
          point(conditional.reference(), match.toString());
        }
      }
    });
    return unmatched;
  }

  private void name(Entry entry) {
    String fullUrl = entry.fullUrl();
    if (fullUrl != null && !(entry instanceof Entry.Delete) && !(entry instanceof Entry.Read)) {
      byFullUrl.put(fullUrl, entry);
    }
    switch (entry) {
      case Entry.Create create -> {
        if (create.ifNoneExist() != null) {
          byCondition.put(create.ifNoneExist(), create);
        }
        String id = create.resource().getIdElement().getIdPart();
        boolean onAServer = fullUrl != null && RESTFUL.matcher(fullUrl).matches();
        if (id != null && !onAServer) {
          nameLocally(create.resource().fhirType() + "/" + id, create);
        }
      }
      case Entry.Update update -> nameTarget(update, update.target());
      case Entry.Change change -> nameTarget(change, change.target());
      case Entry.Delete ignored -> {
        // a reference to what is deleted is the store's to judge
      }
      case Entry.Read ignored -> {
        // what is only read is no part of what is stored
      }
    }
  }

  private void nameTarget(Entry entry, Entry.Target target) {
    switch (target) {
      case Entry.Target.One(var key) -> nameLocally(key.toString(), entry);
      case Entry.Target.Matching(var text) -> byCondition.put(text, entry);
    }
  }

  private void nameLocally(String reference, Entry entry) {
    if (byLocalReference.putIfAbsent(reference, entry) != null) {
      ambiguous.add(reference);
    }
  }

  private void find(Entry entry, Resource resource) {
    String base = base(entry);
    ElementWalk.walk(resource, element -> {
      switch (element) {
        case Reference reference -> {
          String text = reference.getReference();
          if (text != null && !text.isEmpty() && text.charAt(0) != '#') {
            find(entry, resource, base, reference, text);
          }
        }
        case IdType ignored -> {
          // the id of a resource or element is no link
        }
        case CanonicalType ignored -> {
          // R4 has canonical URLs left alone
        }
        case UriType uri -> findUrn(entry, uri.getValue(), uri::setValue);
        case Narrative narrative -> {
          if (narrative.hasDiv()) {
            find(entry, narrative.getDiv());
          }
        }
        default -> {
          // no link
        }
      }
    });
  }

  private void find(
      Entry entry, Resource resource, @Nullable String base, Reference reference, String text) {
    Entry target = byFullUrl.get(text);
    if (target == null && base != null) {
      target = byFullUrl.get(base + text);
    }
    if (target == null) {
      if (ambiguous.contains(text)) {
        String path = path(entry, resource, reference);
        errors.add(Finding.error(
            "multiple-matches",
            "%s refers to '%s', which several entries are; refer to the fullUrl of one"
                .formatted(path, text),
            path));
        return;
      }
      target = byLocalReference.get(text);
    }
    if (target != null) {
      toEntries.add(new ToEntry(entry, target, link -> point(reference, link)));
    } else if (Entry.Target.isCriteria(text)) {
      Entry conditional = byCondition.get(text);
      if (conditional != null) {
        toEntries.add(new ToEntry(entry, conditional, link -> point(reference, link)));
      } else {
        conditionals
            .computeIfAbsent(text, ignored -> new ArrayList<>())
            .add(new Conditional(entry, resource, reference));
      }
    } else if (text.startsWith("urn:")) {
      String path = path(entry, resource, reference);
      warnings
          .computeIfAbsent(entry.index(), ignored -> new ArrayList<>())
          .add(Finding.warning(
              "not-found",
              "%s refers to '%s', which is the fullUrl of no entry; it is kept as it is"
                  .formatted(path, text),
              path));
    }
  }

  private void findUrn(Entry entry, @Nullable String text, Consumer<String> place) {
    if (text != null && text.startsWith("urn:")) {
      Entry target = byFullUrl.get(text);
      if (target != null) {
        toEntries.add(new ToEntry(entry, target, place));
      }
    }
  }

  private void find(Entry entry, XhtmlNode node) {
    for (String attribute : List.of("href", "src")) {
      findUrn(entry, node.getAttribute(attribute), link -> node.setAttribute(attribute, link));
    }
    for (XhtmlNode child : node.getChildNodes()) {
      find(entry, child);
    }
  }

  /** The parser ties references to the entries that they name; the tie must go, or it would be encoded with the reference. */
  private static void point(Reference reference, String link) {
    reference.setReference(link);
    reference.setResource(null);
  }

  /** What a relative reference in the entry is relative to, as R4 says: the server that its full URL is on. */
  private static @Nullable String base(Entry entry) {
    String fullUrl = entry.fullUrl();
    if (fullUrl == null || !fullUrl.startsWith("http")) {
      return null;
    }
    var restful = RESTFUL.matcher(fullUrl);
    return restful.matches() ? restful.group(1) : null;
  }

  private static String path(Entry entry, Resource resource, Base element) {
    Optional<String> below = ElementWalk.path(resource, element);
    return entry.path() + ".resource" + below.map(path -> "." + path).orElse("");
  }
}
