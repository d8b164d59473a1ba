package org.botoxfhir.patch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Parameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The facts of R4's published patch cases, and what a patch must not do. */
class FhirPathPatchTest {
  private static final FhirContext CONTEXT = FhirContext.forR4Cached();
  private static final ResourceKey KEY = new ResourceKey("Patient", "p");
  private static final String LIST =
      "\"identifier\":[{\"value\":\"1\"},{\"value\":\"2\"},{\"value\":\"3\"}]";

  private final Patches patches = new Patches(CONTEXT);

  /** @param elements of the patient, beside type and id */
  private String patched(String elements, String... operations) {
    Parameters body = CONTEXT
        .newJsonParser()
        .parseResource(
            Parameters.class,
            "{\"resourceType\":\"Parameters\",\"parameter\":[%s]}"
                .formatted(String.join(",", operations)));
    String patient = "{\"resourceType\":\"Patient\",\"id\":\"p\"%s%s}"
        .formatted(elements.isEmpty() ? "" : ",", elements);
    String after = CONTEXT
        .newJsonParser()
        .encodeResourceToString(
            patches.fhirPath(body).apply(KEY, patient.getBytes(StandardCharsets.UTF_8)));
    return after
        .replaceFirst("\\{\"resourceType\":\"Patient\",\"id\":\"p\",?", "")
        .replaceFirst("}$", "");
  }

  private static String operation(String type, String path, String... parts) {
    return "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"%s\"},{\"name\":\"path\",\"valueString\":\"%s\"}%s]}"
        .formatted(type, path, parts.length == 0 ? "" : "," + String.join(",", parts));
  }

  private static String value(String type, String json) {
    return "{\"name\":\"value\",\"value%s\":%s}".formatted(type, json);
  }

  private static String name(String name) {
    return "{\"name\":\"name\",\"valueString\":\"%s\"}".formatted(name);
  }

  private static String number(String name, int value) {
    return "{\"name\":\"%s\",\"valueInteger\":%d}".formatted(name, value);
  }

  @Test
  void aPatchWithoutOperationsChangesNothing() {
    assertThat(patched("\"birthDate\":\"1920-01-01\"")).isEqualTo("\"birthDate\":\"1920-01-01\"");
  }

  @Test
  void aPrimitiveIsReplacedAddedAndDeleted() {
    String date = "\"birthDate\":\"1920-01-01\"";
    assertThat(patched(
            date, operation("replace", "Patient.birthDate", value("Date", "\"1930-01-01\""))))
        .isEqualTo("\"birthDate\":\"1930-01-01\"");
    assertThat(patched(
            "", operation("add", "Patient", name("birthDate"), value("Date", "\"1930-01-01\""))))
        .isEqualTo("\"birthDate\":\"1930-01-01\"");
    assertThat(patched(date, operation("delete", "Patient.birthDate"))).isEmpty();
  }

  @Test
  void aNestedPrimitiveIsReplacedAddedAndDeleted() {
    String contact = "\"contact\":[{\"name\":{\"text\":\"a name\"},\"gender\":\"male\"}]";
    assertThat(patched(
            contact,
            operation("replace", "Patient.contact[0].gender", value("Code", "\"female\""))))
        .isEqualTo(contact.replace("male", "female"));
    assertThat(patched(
            contact,
            operation("replace", "Patient.contact[0].name.text", value("String", "\"the name\""))))
        .isEqualTo(contact.replace("a name", "the name"));
    assertThat(patched(contact, operation("delete", "Patient.contact[0].gender")))
        .isEqualTo("\"contact\":[{\"name\":{\"text\":\"a name\"}}]");
    assertThat(patched(contact, operation("delete", "Patient.contact[0].name.text")))
        .isEqualTo("\"contact\":[{\"gender\":\"male\"}]");
    assertThat(patched(
            "\"contact\":[{\"name\":{\"text\":\"a name\"}}]",
            operation("add", "Patient.contact[0]", name("gender"), value("Code", "\"male\""))))
        .isEqualTo(contact);
  }

  @Test
  void aComplexElementIsAddedReplacedWithItsIdAndDeleted() {
    String status = "\"maritalStatus\":{\"id\":\"1\",\"text\":\"married\"}";
    String other = "{\"id\":\"2\",\"text\":\"not married\"}";
    assertThat(patched(
            "",
            operation("add", "Patient", name("maritalStatus"), value("CodeableConcept", other))))
        .isEqualTo("\"maritalStatus\":" + other);
    assertThat(patched(
            status, operation("replace", "Patient.maritalStatus", value("CodeableConcept", other))))
        .isEqualTo("\"maritalStatus\":" + other);
    assertThat(patched(status, operation("delete", "Patient.maritalStatus"))).isEmpty();
  }

  @Test
  void anElementWithoutATypeOfItsOwnIsGivenByItsParts() {
    String parts =
        "{\"name\":\"value\",\"part\":[{\"name\":\"name\",\"valueHumanName\":{\"text\":\"a name\"}},{\"name\":\"gender\",\"valueCode\":\"male\"}]}";
    assertThat(patched("", operation("add", "Patient", name("contact"), parts)))
        .isEqualTo("\"contact\":[{\"name\":{\"text\":\"a name\"},\"gender\":\"male\"}]");
    assertThat(patched(
            "\"contact\":[{\"name\":{\"text\":\"a name\"}}]",
            operation("delete", "Patient.contact[0]")))
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"0, 4123", "1, 1423", "3, 1234"})
  void anInsertPutsTheValueAtItsPlace(int index, String order) {
    assertThat(patched(
            LIST,
            operation(
                "insert",
                "Patient.identifier",
                number("index", index),
                value("Identifier", "{\"value\":\"4\"}"))))
        .isEqualTo(list(order));
  }

  @Test
  void anInsertIntoAnEmptyListMakesIt() {
    assertThat(patched(
            "",
            operation(
                "insert",
                "Patient.identifier",
                number("index", 0),
                value("Identifier", "{\"value\":\"1\"}"))))
        .isEqualTo(list("1"));
  }

  @ParameterizedTest
  @CsvSource({"0, 2, 231", "2, 0, 312", "0, 1, 213", "1, 1, 123"})
  void aMoveKeepsTheOthersInOrder(int source, int destination, String order) {
    assertThat(patched(
            LIST,
            operation(
                "move",
                "Patient.identifier",
                number("source", source),
                number("destination", destination))))
        .isEqualTo(list(order));
  }

  @Test
  void operationsActOneAfterTheOther() {
    assertThat(patched(
            LIST,
            operation("delete", "Patient.identifier[0]"),
            operation("delete", "Patient.identifier[0]"),
            operation("replace", "Patient.identifier[0].value", value("String", "\"4\"")),
            operation(
                "add", "Patient", name("identifier"), value("Identifier", "{\"value\":\"5\"}"))))
        .isEqualTo(list("45"));
  }

  @Test
  void anElementIsFoundByAConditionAndByTheUrlOfItsExtension() {
    assertThat(patched(LIST, operation("delete", "Patient.identifier.where(value = '2')")))
        .isEqualTo(list("13"));
    assertThat(patched(
            "\"extension\":[{\"url\":\"http://a\",\"valueInteger\":1}]",
            operation("replace", "Patient.extension('http://a').value", value("Integer", "2"))))
        .isEqualTo("\"extension\":[{\"url\":\"http://a\",\"valueInteger\":2}]");
  }

  @Test
  void aPrimitiveTakesAnExtension() {
    assertThat(patched(
            "\"birthDate\":\"1920-01-01\"",
            operation(
                "add",
                "Patient.birthDate",
                name("extension"),
                value("Extension", "{\"url\":\"http://a\",\"valueInteger\":1}"))))
        .isEqualTo(
            "\"birthDate\":\"1920-01-01\",\"_birthDate\":{\"extension\":[{\"url\":\"http://a\",\"valueInteger\":1}]}");
  }

  @Test
  void aChoiceTakesAnyOfItsTypes() {
    assertThat(patched(
            "\"deceasedBoolean\":true",
            operation("replace", "Patient.deceased", value("DateTime", "\"2026-01-01\""))))
        .isEqualTo("\"deceasedDateTime\":\"2026-01-01\"");
  }

  @Test
  void deletingWhatIsNotThereIsNoError() {
    assertThat(patched(LIST, operation("delete", "Patient.birthDate"))).isEqualTo(list("123"));
  }

  @Test
  void whatDoesNotApplyIsRefused() {
    for (String operation : List.of(
        operation("replace", "Patient.birthDate", value("Date", "\"1930-01-01\"")),
        operation("replace", "Patient.identifier", value("Identifier", "{\"value\":\"4\"}")),
        operation("delete", "Patient.identifier"),
        operation("delete", "Patient.identifier.count()"),
        operation("add", "Patient", name("nothing"), value("String", "\"x\"")),
        operation("add", "Patient", name("birthDate"), value("HumanName", "{\"text\":\"x\"}")),
        operation("add", "Patient", name("deceased"), value("HumanName", "{\"text\":\"x\"}")),
        operation("add", "Patient", name("gender"), value("Code", "\"martian\"")),
        operation("add", "Patient.identifier[0]", name("value"), value("String", "\"x\"")),
        operation(
            "insert",
            "Patient.identifier",
            number("index", 4),
            value("Identifier", "{\"value\":\"4\"}")),
        operation(
            "insert",
            "Patient.identifier[0]",
            number("index", 0),
            value("Identifier", "{\"value\":\"4\"}")),
        operation("move", "Patient.identifier", number("source", 3), number("destination", 0)),
        operation("move", "Patient.identifier", number("source", 0), number("destination", -1)),
        operation("replace", "Patient.id", value("Id", "\"other\"")),
        operation("delete", "Patient"))) {
      assertThatThrownBy(() -> patched(LIST, operation))
          .as(operation)
          .isInstanceOfSatisfying(
              FaultException.class, e -> assertThat(e.fault()).isInstanceOf(Fault.Refused.class));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\":\"other\"}",
        "{\"name\":\"operation\"}",
        "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"swap\"},{\"name\":\"path\",\"valueString\":\"Patient\"}]}",
        "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"add\"},{\"name\":\"path\",\"valueString\":\"Patient\"}]}",
        "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"delete\"},{\"name\":\"path\",\"valueString\":\"Patient..\"}]}",
        "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"delete\"},{\"name\":\"path\",\"valueString\":\"Patient.managingOrganization.resolve().name\"}]}",
        "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"delete\"},{\"name\":\"path\",\"valueString\":\"Patient.name.where(text.matches('(a+)+'))\"}]}",
        "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"delete\"},{\"name\":\"path\",\"valueString\":\"Patient.name\"},{\"name\":\"more\",\"valueString\":\"x\"}]}",
        "{\"name\":\"operation\",\"part\":[{\"name\":\"type\",\"valueCode\":\"move\"},{\"name\":\"path\",\"valueString\":\"Patient.identifier\"},{\"name\":\"source\",\"valueString\":\"x\"},{\"name\":\"destination\",\"valueInteger\":0}]}"
      })
  void whatIsNoPatchIsInvalid(String operation) {
    assertThatThrownBy(() -> patched(LIST, operation))
        .isInstanceOfSatisfying(
            FaultException.class, e -> assertThat(e.fault()).isInstanceOf(Fault.Invalid.class));
  }

  private static String list(String order) {
    StringBuilder values = new StringBuilder();
    for (char value : order.toCharArray()) {
      values.append(values.isEmpty() ? "" : ",").append("{\"value\":\"%s\"}".formatted(value));
    }
    return "\"identifier\":[" + values + "]";
  }
}
