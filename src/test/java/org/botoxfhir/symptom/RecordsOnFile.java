package org.botoxfhir.symptom;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.IParser;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteDerivation.Found;
import org.botoxfhir.resource.WriteDerivation.InWrite;
import org.botoxfhir.resource.WriteDerivation.Search;
import org.botoxfhir.resource.WriteDerivation.Standing;
import org.botoxfhir.resource.WriteDerivation.StoredRecord;
import org.hl7.fhir.r4.model.CodeableConcept;
import org.hl7.fhir.r4.model.Condition;
import org.hl7.fhir.r4.model.MedicationAdministration;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Procedure;
import org.hl7.fhir.r4.model.Reference;
import org.hl7.fhir.r4.model.Resource;
import tools.jackson.databind.json.JsonMapper;

/**
 * Records in memory, found by the few search parameters that the intake uses; any other parameter is an error. The same questions are
 * put to the real store by {@code SymptomReportServiceTest}.
 */
final class RecordsOnFile implements InWrite {
  private static final IParser JSON = FhirContext.forR4Cached().newJsonParser();

  private final Map<ResourceKey, Resource> records = new LinkedHashMap<>();
  private final Set<ResourceKey> deleted = new HashSet<>();
  private final Set<ResourceKey> untouched = new HashSet<>();
  private final List<String> asked = new ArrayList<>();

  /** Stores what somebody wrote. */
  RecordsOnFile with(Resource... resources) {
    for (Resource resource : resources) {
      store(key(resource), resource);
    }
    return this;
  }

  /** Deletes as somebody would. */
  void without(ResourceKey key) {
    records.remove(key);
    deleted.add(key);
    untouched.remove(key);
  }

  /** Stores what was derived. */
  void carryOut(Collection<Write> writes) {
    for (Write write : writes) {
      if (write instanceof Write.Update update) {
        store(update.key(), update.resource());
      } else if (write instanceof Write.Create create) {
        store(create.key(), create.resource());
      } else {
        without(write.key());
      }
      untouched.add(write.key());
    }
  }

  private void store(ResourceKey key, Resource resource) {
    records.put(key, resource.copy());
    deleted.remove(key);
    untouched.remove(key);
  }

  private static ResourceKey key(Resource resource) {
    return new ResourceKey(resource.fhirType(), resource.getIdElement().getIdPart());
  }

  /** What stands there now, for a test to start from. */
  Optional<Resource> current(ResourceKey key) {
    return Optional.ofNullable(records.get(key)).map(Resource::copy);
  }

  /** Every read and search so far. */
  List<String> asked() {
    return asked;
  }

  @Override
  public Optional<StoredRecord> read(ResourceKey key) {
    asked.add(key.toString());
    return Optional.ofNullable(records.get(key)).map(RecordsOnFile::stored);
  }

  private static StoredRecord stored(Resource resource) {
    return new StoredRecord(
        key(resource), JsonMapper.shared().readTree(JSON.encodeResourceToString(resource)));
  }

  @Override
  public Map<ResourceKey, Standing> lock(Collection<ResourceKey> keys) {
    Map<ResourceKey, Standing> standing = new HashMap<>();
    for (ResourceKey key : keys) {
      Resource record = records.get(key);
      if (record != null || deleted.contains(key)) {
        standing.put(
            key, new Standing(record == null ? null : record.copy(), untouched.contains(key)));
      }
    }
    return standing;
  }

  @Override
  public List<Found> search(List<Search> searches) {
    return searches.stream().map(one -> search(one.type(), one.query())).toList();
  }

  private Found search(String type, String query) {
    asked.add(type + "?" + query);
    var found = new ArrayList<>(records.values().stream()
        .filter(resource -> resource.fhirType().equals(type))
        .toList());
    boolean more = false;
    for (String part : query.split("&")) {
      String name = part.substring(0, part.indexOf('='));
      String value = URLDecoder.decode(part.substring(name.length() + 1), StandardCharsets.UTF_8);
      switch (name) {
        case "patient" ->
          found.removeIf(resource -> !value.equals(subject(resource).getReference()));
        case "code" -> found.removeIf(resource -> !isOneOf(code(resource), value));
        case "status" ->
          found.removeIf(resource -> !Arrays.asList(value.split(","))
              .contains(((Procedure) resource).getStatus().toCode()));
        case "identifier" ->
          found.removeIf(resource -> ((Patient) resource)
              .getIdentifier().stream()
                  .noneMatch(identifier ->
                      value.equals(identifier.getSystem() + "|" + identifier.getValue())));
        case "date", "effective-time" ->
          found.removeIf(resource -> !isWithin(day(resource), value));
        case "_sort" -> found.sort(Comparator.comparing(RecordsOnFile::day).reversed());
        case "_id" ->
          found.removeIf(resource ->
              !Arrays.asList(value.split(",")).contains(resource.getIdElement().getIdPart()));
        case "_count" -> {
          more = found.size() > Integer.parseInt(value);
          while (found.size() > Integer.parseInt(value)) {
            found.removeLast();
          }
        }
        default -> throw new AssertionError("search parameter " + name + " is not known here");
      }
    }
    return new Found(found.stream().map(RecordsOnFile::stored).toList(), more);
  }

  private static boolean isWithin(String day, String bound) {
    int order = day.compareTo(bound.substring(2));
    return bound.startsWith("le") ? order <= 0 : order >= 0;
  }

  private static boolean isOneOf(CodeableConcept concept, String tokens) {
    return concept.getCoding().stream()
        .anyMatch(coding ->
            Arrays.asList(tokens.split(",")).contains(coding.getSystem() + "|" + coding.getCode()));
  }

  private static String day(Resource resource) {
    String text = resource instanceof Procedure procedure
        ? procedure.hasPerformedPeriod()
            ? procedure.getPerformedPeriod().getStartElement().getValueAsString()
            : procedure.getPerformedDateTimeType().getValueAsString()
        : ((MedicationAdministration) resource).getEffectiveDateTimeType().getValueAsString();
    return text.substring(0, 10);
  }

  private static CodeableConcept code(Resource resource) {
    return resource instanceof Procedure procedure
        ? procedure.getCode()
        : ((Condition) resource).getCode();
  }

  private static Reference subject(Resource resource) {
    if (resource instanceof Procedure procedure) {
      return procedure.getSubject();
    }
    return resource instanceof Condition condition
        ? condition.getSubject()
        : ((MedicationAdministration) resource).getSubject();
  }
}
