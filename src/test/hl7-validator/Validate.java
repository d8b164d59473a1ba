import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.hl7.fhir.r4.formats.IParser;
import org.hl7.fhir.r4.formats.JsonParser;
import org.hl7.fhir.r4.formats.XmlParser;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.MetadataResource;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.hl7.fhir.r5.context.IWorkerContext;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.Manager;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.hl7.fhir.utilities.http.ManagedWebAccess;
import org.hl7.fhir.utilities.json.model.JsonArray;
import org.hl7.fhir.utilities.json.model.JsonObject;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.hl7.fhir.validation.ValidationEngine;
import org.hl7.fhir.validation.instance.InstanceValidator;

/**
 * Validates resources with HL7's own validator, which has another version of the classes that the service has from HAPI: so it is a process
 * of its own. Started by {@code Hl7Validator}, which also says what the arguments are: home folder, FHIR package, folder of resources,
 * file for the outcomes.
 */
void main(String[] arguments) throws Exception {
  Path packages = Path.of(arguments[0], ".fhir", "packages");
  Path resources = Path.of(arguments[2]);
  // It reads packages from the folder ".fhir" of its user, and what it does not find there from the network.
  System.setProperty("user.home", arguments[0]);
  ManagedWebAccess.setAccessPolicy(ManagedWebAccess.WebAccessPolicy.PROHIBITED);
  makeCorePackage(packages.resolve("hl7.fhir.r4.core#4.0.1"));

  var engine = new ValidationEngine.ValidationEngineBuilder()
      .withVersion("4.0.1")
      .withNoTerminologyServer()
      .withCanRunWithoutTerminologyServer(true)
      .fromSource("hl7.fhir.r4.core#4.0.1");
  engine.getIgLoader().loadIg(engine.getIgs(), engine.getBinaries(), arguments[1], false);
  engine.prepare();
  engine.setFetcher(new Neighbours(engine.getContext(), resources));
  // One for all: making one takes longer than validating with it.
  InstanceValidator validator = engine.getValidator(FhirFormat.JSON);
  validator.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
  // Identifiers of the examples are of example.org, and R4's own definitions, in our snapshots, have such.
  validator.setAllowExamples(true);

  var outcomes = new JsonObject();
  List<Path> files;
  try (Stream<Path> list = Files.list(resources)) {
    files = list.sorted().toList();
  }
  for (Path file : files) {
    List<ValidationMessage> messages = new ArrayList<>();
    try (InputStream resource = Files.newInputStream(file)) {
      validator.validate(null, messages, resource, FhirFormat.JSON);
    }
    outcomes.add(file.getFileName().toString(), json(messages));
  }
  Files.writeString(Path.of(arguments[3]), text(outcomes));
}

JsonArray json(List<ValidationMessage> messages) {
  var array = new JsonArray();
  for (ValidationMessage message : messages) {
    array.add(new JsonObject()
        .set("severity", message.getLevel().toCode())
        .set("at", message.getLocation())
        .set("says", message.getMessage()));
  }
  return array;
}

String text(JsonObject json) {
  return org.hl7.fhir.utilities.json.parser.JsonParser.compose(json, true);
}

/** Makes FHIR itself, out of the definitions that HAPI ships, the package that the validator would fetch from the registry of packages. */
void makeCorePackage(Path folder) throws IOException {
  Path content = folder.resolve("package");
  Path manifest = content.resolve("package.json");
  if (Files.exists(manifest)) {
    return;
  }
  Files.createDirectories(content);
  var index = new JsonArray();
  for (String bundle : List.of(
      "profile/profiles-types.xml",
      "profile/profiles-resources.xml",
      "profile/profiles-others.xml",
      "extension/extension-definitions.xml",
      "sp/search-parameters.json",
      "valueset/valuesets.xml",
      "valueset/v3-codesystems.xml",
      "valueset/v2-tables.xml")) {
    for (var entry : read("/org/hl7/fhir/r4/model/" + bundle).getEntry()) {
      Resource resource = entry.getResource();
      String file = resource.fhirType() + "-" + resource.getIdPart() + ".json";
      Files.writeString(content.resolve(file), new JsonParser().composeString(resource));
      index.add(indexed(file, resource));
    }
  }
  Files.writeString(
      content.resolve(".index.json"), text(new JsonObject().set("index-version", 1).add("files", index)));
  Files.writeString(manifest, """
      {"name": "hl7.fhir.r4.core", "version": "4.0.1", "type": "Core", "fhirVersions": ["4.0.1"], "tools-version": 3}
      """);
}

Bundle read(String name) throws IOException {
  IParser parser = name.endsWith(".xml") ? new XmlParser(true) : new JsonParser(true);
  try (InputStream stream = Bundle.class.getResourceAsStream(name)) {
    return (Bundle) parser.parse(Objects.requireNonNull(stream, name));
  }
}

/** The line of a resource in the index of a package. */
JsonObject indexed(String file, Resource resource) {
  var line = new JsonObject()
      .set("filename", file)
      .set("resourceType", resource.fhirType())
      .set("id", resource.getIdPart());
  if (resource instanceof MetadataResource definition) {
    line.set("url", definition.getUrl()).set("version", definition.getVersion());
  }
  if (resource instanceof StructureDefinition structure) {
    line.set("kind", structure.getKind().toCode()).set("type", structure.getType());
  }
  return line;
}

/** References lead to the resources beside; canonical URLs of ours have to lead somewhere. */
record Neighbours(IWorkerContext context, Path folder) implements IValidatorResourceFetcher {
  @Override
  public Element fetch(IResourceValidator validator, Object application, String url) throws IOException {
    Path file = folder.resolve(url.replace('/', '-') + ".json");
    if (!Files.exists(file)) {
      return null;
    }
    try (InputStream resource = Files.newInputStream(file)) {
      return Manager.parseSingle(context, resource, FhirFormat.JSON);
    }
  }

  @Override
  public boolean resolveURL(
      IResourceValidator validator,
      Object application,
      String path,
      String url,
      IWorkerContext.VersionResolutionRules rules,
      String type,
      boolean canonical,
      List<CanonicalType> targets) {
    return !url.startsWith("https://botoxfhir.org/fhir/")
        || url.startsWith("https://botoxfhir.org/fhir/SubscriptionTopic/")
        || context.fetchResource(org.hl7.fhir.r5.model.Resource.class, url, rules) != null;
  }

  @Override
  public byte[] fetchRaw(IResourceValidator validator, String url) throws IOException {
    throw new IOException(url + " is not here");
  }

  @Override
  public IValidatorResourceFetcher setLocale(Locale locale) {
    return this;
  }

  @Override
  public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object application, String url) {
    return null;
  }

  @Override
  public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
    return false;
  }

  @Override
  public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(
      IResourceValidator validator, Object application, String url) {
    return Set.of();
  }
}
