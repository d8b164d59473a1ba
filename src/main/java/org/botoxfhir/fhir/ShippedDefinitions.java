package org.botoxfhir.fhir;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r4.model.MetadataResource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The definitions that the service ships: questionnaire, code systems, value sets, profiles, search parameters. A broken one stops the
 * start.
 */
public final class ShippedDefinitions {
  /** Where they are. */
  public static final String LOCATION = "classpath:fhir-profiles/*.json";

  private ShippedDefinitions() {}

  /** Where those of a type are. */
  public static String ofType(String type) {
    return LOCATION.replace("*", type + "-*");
  }

  /** The canonical URLs of those of a type, which their file names tell: none is read. */
  public static Set<String> urls(String type) {
    try {
      Set<String> urls = new HashSet<>();
      for (Resource file : new PathMatchingResourcePatternResolver().getResources(ofType(type))) {
        String name = Objects.requireNonNull(file.getFilename());
        urls.add("%s/%s/%s"
            .formatted(
                Canonical.BASE,
                type,
                name.substring(type.length() + 1, name.length() - ".json".length())));
      }
      return Set.copyOf(urls);
    } catch (IOException e) {
      throw new IllegalStateException("the definitions of %s cannot be listed".formatted(type), e);
    }
  }

  /** The canonical URLs of the profiles of resources, by the type that they are about; both in order. */
  public static SortedMap<String, SortedSet<String>> profiles() {
    SortedMap<String, SortedSet<String>> profiles = new TreeMap<>();
    try {
      for (Resource file :
          new PathMatchingResourcePatternResolver().getResources(ofType("StructureDefinition"))) {
        try (InputStream text = file.getInputStream()) {
          // Of some hundred kilobytes three lines are wanted, for which no model need be built.
          JsonNode definition = JsonMapper.shared().readTree(text);
          if (definition.path("kind").stringValue("").equals("resource")) {
            profiles
                .computeIfAbsent(definition.path("type").stringValue(), type -> new TreeSet<>())
                .add(definition.path("url").stringValue());
          }
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the profiles cannot be read", e);
    }
    return profiles;
  }

  /**
   * Reads all of them, ordered by key.
   *
   * @throws IllegalStateException naming the file, when one is no definition, has no id or URL of ours, or repeats one; and
   *     when it is not called after its type and id, by which messages about its content name it
   */
  public static List<MetadataResource> read(FhirContext fhir, String location) {
    var definitions = new ArrayList<MetadataResource>();
    Map<String, String> files = new HashMap<>();
    try {
      for (Resource file : new PathMatchingResourcePatternResolver().getResources(location)) {
        MetadataResource definition = parse(fhir, file);
        String earlier = files.put(definition.getUrl(), file.getFilename());
        if (earlier != null) {
          throw broken(file, "has the url of %s, %s".formatted(earlier, definition.getUrl()), null);
        }
        definitions.add(definition);
      }
    } catch (IOException e) {
      throw new IllegalStateException(
          "the definitions at %s cannot be listed".formatted(location), e);
    }
    if (definitions.isEmpty()) {
      throw new IllegalStateException("there are no definitions at %s".formatted(location));
    }
    definitions.sort(Comparator.comparing(definition -> key(definition).toString()));
    return definitions;
  }

  /** The file of a definition, for messages. */
  public static String file(MetadataResource definition) {
    return "fhir-profiles/" + fileName(definition);
  }

  private static String fileName(MetadataResource definition) {
    return key(definition).toString().replace('/', '-') + ".json";
  }

  /** Under which it is stored and read. */
  public static ResourceKey key(MetadataResource definition) {
    return new ResourceKey(definition.fhirType(), definition.getIdElement().getIdPart());
  }

  private static MetadataResource parse(FhirContext fhir, Resource file) {
    IBaseResource parsed;
    try (InputStream text = file.getInputStream()) {
      parsed =
          fhir.newJsonParser().parseResource(new InputStreamReader(text, StandardCharsets.UTF_8));
    } catch (DataFormatException e) {
      throw broken(file, "is not FHIR R4: " + e.getMessage(), e);
    } catch (IOException e) {
      throw broken(file, "cannot be read", e);
    }
    if (!(parsed instanceof MetadataResource definition)) {
      throw broken(file, "is a %s and no definition".formatted(parsed.fhirType()), null);
    }
    String id = definition.getIdElement().getIdPart();
    if (id == null || !ResourceKey.isId(id)) {
      throw broken(file, "has no id", null);
    }
    String url = "%s/%s/%s".formatted(Canonical.BASE, definition.fhirType(), id);
    if (!url.equals(definition.getUrl())) {
      throw broken(file, "has the url '%s'; expected %s".formatted(definition.getUrl(), url), null);
    }
    if (!definition.hasVersion()) {
      throw broken(file, "has no version", null);
    }
    if (!fileName(definition).equals(file.getFilename())) {
      throw broken(file, "is not called %s".formatted(fileName(definition)), null);
    }
    return definition;
  }

  private static IllegalStateException broken(
      Resource file, String how, @Nullable Exception cause) {
    return new IllegalStateException(
        "fhir-profiles/%s %s".formatted(file.getFilename(), how), cause);
  }
}
