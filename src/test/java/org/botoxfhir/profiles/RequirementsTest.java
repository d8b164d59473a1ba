package org.botoxfhir.profiles;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** What the package says that a client may rely on is what the running service says that it does. */
@ServiceTest
class RequirementsTest {
  private static final String PATH = "CapabilityStatement/botox-fhir-server";

  @Autowired
  Fhir fhir;

  @Test
  void nothingIsPromisedThatTheServiceDoesNotAdvertise() {
    JsonNode promised = fhir.get(PATH).json();
    JsonNode advertised = fhir.get("metadata").json();

    assertThat(promised.path("kind").asString()).isEqualTo("requirements");
    assertThat(values(promised.path("format"), "")).isSubsetOf(shortFormats(advertised));
    assertThat(values(promised.at("/rest/0/interaction"), "/code"))
        .isNotEmpty()
        .isSubsetOf(values(advertised.at("/rest/0/interaction"), "/code"));
    List<String> missing = new ArrayList<>();
    for (JsonNode type : promised.at("/rest/0/resource")) {
      String name = type.path("type").asString();
      JsonNode there = ofType(advertised, name);
      for (String list : List.of("interaction", "searchParam", "operation")) {
        for (JsonNode one : type.path(list)) {
          if (there.path(list).valueStream().noneMatch(other -> covers(other, one))) {
            missing.add("%s %s %s".formatted(name, list, one));
          }
        }
      }
      for (String flag :
          List.of("versioning", "updateCreate", "conditionalCreate", "conditionalUpdate")) {
        if (type.has(flag) && !type.get(flag).equals(there.path(flag))) {
          missing.add("%s %s %s".formatted(name, flag, type.get(flag)));
        }
      }
    }
    assertThat(missing).isEmpty();
  }

  @Test
  void everyPromisedProfileIsServedAndEveryProfileOfThePackagePromised() {
    Set<String> promised = supportedProfiles(PATH);
    Set<String> served = fhir.get("StructureDefinition?derivation=constraint&_count=100")
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.get("resource"))
        .filter(profile -> !profile.path("type").asString().equals("Extension"))
        .map(profile -> profile.path("url").asString())
        .filter(url -> url.startsWith(FhirPackage.PROFILE))
        .collect(Collectors.toSet());

    assertThat(promised).isNotEmpty().isEqualTo(served);
    assertThat(supportedProfiles("metadata")).isEqualTo(served);
  }

  private Set<String> supportedProfiles(String path) {
    return fhir.get(path)
        .json()
        .at("/rest/0/resource")
        .valueStream()
        .flatMap(type -> values(type.path("supportedProfile"), "").stream())
        .collect(Collectors.toSet());
  }

  private static JsonNode ofType(JsonNode statement, String type) {
    return statement
        .at("/rest/0/resource")
        .valueStream()
        .filter(resource -> resource.path("type").asString().equals(type))
        .findFirst()
        .orElseGet(() -> fail(type + " is promised and not advertised"));
  }

  /** Whether an entry says all that another says, and the same. */
  private static boolean covers(JsonNode there, JsonNode promised) {
    return promised.properties().stream()
        .allMatch(field -> field.getValue().equals(there.path(field.getKey())));
  }

  private static List<String> values(JsonNode list, String pointer) {
    return list.valueStream().map(one -> one.at(pointer).asString()).toList();
  }

  /** {@code json} also where it stands as media type. */
  private static Set<String> shortFormats(JsonNode statement) {
    return values(statement.path("format"), "").stream()
        .map(format -> format.replace("application/fhir+", ""))
        .collect(Collectors.toSet());
  }
}
