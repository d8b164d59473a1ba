package org.botoxfhir.validation;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.jspecify.annotations.Nullable;

/**
 * The definitions of R4 out of HAPI's files. The types of the model are read when the first validation needs them, everything else,
 * profiles, extensions, value sets and code systems, one by one when something refers to it. HAPI's own {@link
 * DefaultProfileValidationSupport} reads all 3,000 at once: seconds, and memory that nothing ever asks for. What only people read is
 * left out.
 */
final class R4Definitions implements IValidationSupport {
  private static final String FOLDER = "/org/hl7/fhir/r4/model/";
  private static final String MODEL = "http://hl7.org/fhir/StructureDefinition/";

  /** Of two definitions with the same URL the later is taken, as HAPI does. */
  private static final List<String> FILES = List.of(
      "profile/profiles-resources.xml",
      "profile/profiles-types.xml",
      "profile/profiles-others.xml",
      "extension/extension-definitions.xml",
      "valueset/valuesets.xml",
      "valueset/v2-tables.xml",
      "valueset/v3-codesystems.xml");

  private static final Pattern URL = Pattern.compile("<url value=\"([^\"]+)\"");
  private static final Pattern FOR_PEOPLE = Pattern.compile(
      "<(definition|comment|requirements|alias|xpath|purpose|copyright) value=\"[^\"]*+\"></\\1>");
  private static final List<String> BLOCKS_FOR_PEOPLE = List.of("text", "differential", "mapping");

  private final FhirContext context;
  private final Map<String, Map<String, Place>> places = new HashMap<>();
  private final Map<Place, IBaseResource> read = new ConcurrentHashMap<>();
  private @Nullable List<IBaseResource> types;

  /** Where a definition stands. @param model whether it defines a type, and no profile of one */
  private record Place(String file, int start, int end, boolean model) {}

  R4Definitions(FhirContext context) {
    this.context = context;
    FILES.forEach(this::index);
  }

  @Override
  public FhirContext getFhirContext() {
    return context;
  }

  /** Finds where each definition begins and ends, without parsing; the files are written by a machine, one element a line. */
  private void index(String file) {
    // A character for a byte, so that places in the text are places in the file.
    String text = new String(content(file), StandardCharsets.ISO_8859_1);
    String open = "<resource>";
    String close = "</resource>";
    for (int at = text.indexOf(open); at >= 0; at = text.indexOf(open, at)) {
      int start = text.indexOf('<', at + open.length());
      int end = text.indexOf(close, start);
      String type = nameAt(text, start + 1);
      if (type.equals("StructureDefinition")
          || type.equals("ValueSet")
          || type.equals("CodeSystem")) {
        Matcher url = URL.matcher(text).region(start, end);
        if (!url.find()) {
          throw new IllegalStateException("a %s of %s has no url".formatted(type, file));
        }
        boolean model = type.equals("StructureDefinition")
            && !contains(text, "<derivation value=\"constraint\"", start, end);
        places
            .computeIfAbsent(type, key -> new LinkedHashMap<>())
            .put(url.group(1), new Place(file, start, end, model));
      }
      at = end;
    }
  }

  private static String nameAt(String text, int start) {
    int end = start;
    while (Character.isLetter(text.charAt(end))) {
      end++;
    }
    return text.substring(start, end);
  }

  private static boolean contains(String text, String part, int start, int end) {
    int at = text.indexOf(part, start);
    return at >= 0 && at < end;
  }

  private static byte[] content(String file) {
    try (InputStream stream =
        DefaultProfileValidationSupport.class.getResourceAsStream(FOLDER + file)) {
      return Objects.requireNonNull(stream, file + " is missing on the class path")
          .readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private IBaseResource read(Place place) {
    return read.computeIfAbsent(place, missing -> parse(content(missing.file()), missing));
  }

  private IBaseResource parse(byte[] file, Place place) {
    String text =
        new String(file, place.start(), place.end() - place.start(), StandardCharsets.UTF_8);
    int name = text.indexOf('>');
    String opening = text.substring(0, name);
    // Some of the bundles declare the namespace once for all that is in them.
    String whole = opening.contains("xmlns=")
        ? text
        : opening + " xmlns=\"http://hl7.org/fhir\"" + text.substring(name);
    IBaseResource resource = context.newXmlParser().parseResource(withoutProse(whole));
    resource.setUserData(DefaultProfileValidationSupport.SOURCE_PACKAGE_ID, "hl7.fhir.r4");
    return resource;
  }

  private static String withoutProse(String text) {
    StringBuilder kept = new StringBuilder(text);
    for (String block : BLOCKS_FOR_PEOPLE) {
      String open = "<" + block + ">";
      String close = "</" + block + ">";
      StringBuilder rest = new StringBuilder(kept.length());
      int from = 0;
      for (int at = kept.indexOf(open); at >= 0; at = kept.indexOf(open, from)) {
        rest.append(kept, from, at);
        from = kept.indexOf(close, at) + close.length();
      }
      kept = rest.append(kept, from, kept.length());
    }
    return FOR_PEOPLE.matcher(kept).replaceAll("");
  }

  private @Nullable IBaseResource fetch(String type, @Nullable String url) {
    Place place = url == null ? null : places.getOrDefault(type, Map.of()).get(url);
    return place == null ? null : read(place);
  }

  /**
   * The types of the model. Not the profiles of them that ship with R4: whoever refers to one asks for it by its URL.
   */
  @Override
  @SuppressWarnings("unchecked") // the interface leaves the type to the caller
  public synchronized <T extends IBaseResource> List<T> fetchAllStructureDefinitions() {
    if (types == null) {
      List<IBaseResource> all = new ArrayList<>();
      Map<String, byte[]> files = new HashMap<>();
      places.getOrDefault("StructureDefinition", Map.of()).values().stream()
          .filter(Place::model)
          .forEach(place -> all.add(read.computeIfAbsent(
              place,
              missing ->
                  parse(files.computeIfAbsent(missing.file(), R4Definitions::content), missing))));
      types = List.copyOf(all);
    }
    return (List<T>) types;
  }

  @Override
  public @Nullable IBaseResource fetchStructureDefinition(String url) {
    return switch ((int) url.chars().filter(one -> one == '/').count()) {
      case 0 -> fetch("StructureDefinition", MODEL + url);
      case 1 -> fetch("StructureDefinition", "http://hl7.org/fhir/" + url);
      default -> fetch("StructureDefinition", url);
    };
  }

  /** The version is not looked at: whatever is asked for, R4's is there. */
  private static String withoutVersion(String url) {
    int bar = url.indexOf('|');
    return bar > 0 ? url.substring(0, bar) : url;
  }

  @Override
  public @Nullable IBaseResource fetchCodeSystem(@Nullable String system) {
    return system == null ? null : fetch("CodeSystem", withoutVersion(system));
  }

  @Override
  public @Nullable IBaseResource fetchValueSet(@Nullable String url) {
    return url == null ? null : fetch("ValueSet", withoutVersion(url));
  }

  /** The URLs of all definitions of a type. */
  Set<String> urls(String type) {
    return places.getOrDefault(type, Map.of()).keySet();
  }
}
