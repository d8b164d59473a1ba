package org.botoxfhir.fhir;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.parser.DataFormatException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the parser would tacitly read as something else is refused, and the place is named. */
class StrictBodiesTest {
  private static final FhirContext CONTEXT = FhirContext.forR4Cached();
  private static final int DEEPEST = 250;

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '~', textBlock = """
      "active":true,"active":false;                                        Duplicate
      "name":[{"family":"A","family":"B"}];                                Duplicate
      "birthDate":["2020"];                                                Patient.birthDate
      "maritalStatus":[{"text":"x"}];                                      Patient.maritalStatus
      "meta":[{"versionId":"1"}];                                          Patient.meta
      "name":{"family":"x"};                                               Patient.name
      "name":[{"given":"x"}];                                              Patient.name[0].given
      "name":[{"family":"x"},{"given":["a",["b"]]}];                       Patient.name[1].given[1]
      "birthDate":{"a":1};                                                 Patient.birthDate
      "maritalStatus":"x";                                                 Patient.maritalStatus
      "active":"true";                                                     Patient.active
      "multipleBirthInteger":"2";                                          Patient.multipleBirthInteger
      "multipleBirthInteger":1e2;                                          Patient.multipleBirthInteger
      "name":[{"family":5}];                                               Patient.name[0].family
      "extension":[{"url":"u","valueDecimal":"1.10"}];                     Patient.extension[0].valueDecimal
      "extension":[{"url":5,"valueString":"x"}];                           Patient.extension[0].url
      "extension":[{"url":"u","valueString":"x","valueCode":"y"}];         Patient.extension[0].valueCode
      "extension":[{"url":"u"}];                                           Patient.extension[0]
      "deceasedBoolean":true,"deceasedDateTime":"2020";                    Patient.deceasedDateTime
      "maritalStatus":{};                                                  Patient.maritalStatus
      "name":[];                                                           Patient.name
      "name":[{}];                                                         Patient.name[0]
      "name":[{"family":""}];                                              Patient.name[0].family
      "name":[{"family":" \\t "}];                                         Patient.name[0].family
      "active":null;                                                       Patient.active
      "name":[null];                                                       Patient.name[0]
      "name":[{"given":["a",null]}];                                       Patient.name[0].given[1]
      "name":[{"given":["a",null],"_given":[null,null]}];                  given[1]
      "name":[{"given":["a"],"_given":[null,{"id":"x"}]}];                 Patient.name[0]._given
      "name":[{"_given":[null]}];                                          Patient.name[0]._given
      "_name":[{"id":"x"}];                                                Patient._name[0]
      "_birthDate":"2020";                                                 Patient._birthDate
      "fhir_comments":["x"];                                               Patient.fhir_comments
      "text":{"status":"generated","div":"hello"};                         Patient.text.div
      "text":{"status":"generated","div":"<div>x</div>"};                  Patient.text.div
      "contained":[{"id":"a","birthDate":["2020"],"resourceType":"Patient"}];  Patient.contained[0].birthDate
      """)
  void whatWouldBeReadAsSomethingElseIsRefusedAtItsPlace(String elements, String place) {
    String json = "{\"resourceType\":\"Patient\",%s}".formatted(elements);
    assertThatThrownBy(() -> json(json))
        .isInstanceOf(DataFormatException.class)
        .hasMessageContaining(place.strip());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "null",
        "[{\"resourceType\":\"Patient\"}]",
        "{\"resourceType\":\"Patient\"}{}",
        "{\"resourceType\":\"Patient\"} x",
        "\uFEFF{\"resourceType\":\"Patient\"}",
        "{'resourceType':'Patient'}",
        "{\"resourceType\":{}}",
        "{\"resourceType\":\"Patient\"/**/}",
        "{\"resourceType\":\"Patient\",}",
        "{\"resourceType\":\"Patient\",\"multipleBirthInteger\":NaN}",
        "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"\u0001\"}]}",
        "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"x"
      })
  void whatIsNoJsonObjectAloneIsRefused(String json) {
    assertThatThrownBy(() -> json(json)).isInstanceOf(DataFormatException.class);
  }

  @Test
  void nestingWithoutEndIsRefused() {
    for (String open : new String[] {
      "[", "{\"a\":", "{\"resourceType\":\"Patient\",\"extension\":[{\"url\":\"u\",\"extension\":"
    }) {
      assertThatThrownBy(() -> json(open.repeat(10_000))).isInstanceOf(DataFormatException.class);
    }
    String bundle = "{\"type\":\"batch\",\"entry\":[{\"resource\":";
    assertThatThrownBy(
            () -> json(bundle.repeat(20) + "{}" + "}],\"resourceType\":\"Bundle\"}".repeat(20)))
        .hasMessageContaining("nested");
  }

  @ParameterizedTest
  @ValueSource(ints = {0xFF, 0xC0, 0xE9, 0x80})
  void bytesThatAreNoUtf8AreRefused(int odd) {
    byte[] json = "{\"resourceType\":\"Patient\",\"name\":[{\"family\":\"x\"}]}"
        .getBytes(StandardCharsets.UTF_8);
    byte[] xml =
        "<Patient xmlns=\"http://hl7.org/fhir\"><name><family value=\"x\"/></name></Patient>"
            .getBytes(StandardCharsets.UTF_8);
    for (byte[] body : new byte[][] {json, xml}) {
      int at = new String(body, StandardCharsets.US_ASCII).indexOf("\"x\"") + 1;
      body[at] = (byte) odd;
    }
    assertThatThrownBy(() -> StrictJson.check(CONTEXT, json)).hasMessageContaining("UTF-8");
    assertThatThrownBy(() -> StrictXml.check(xml, DEEPEST)).hasMessageContaining("UTF-8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"resourceType\":\"Patient\"}",
        " \n{\"id\":\"x\",\"resourceType\":\"Patient\",\"active\":true}\n",
        "{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\"a\",null],\"_given\":[null,{\"id\":\"x\"}]}]}",
        "{\"resourceType\":\"Patient\",\"name\":[{\"_given\":[null,{\"id\":\"x\"}],\"given\":[\"a\",null]}]}",
        "{\"resourceType\":\"Patient\",\"name\":[{\"given\":[\"a\",\"b\"],\"_given\":[{\"id\":\"x\"}]}]}",
        "{\"resourceType\":\"Patient\",\"_birthDate\":{\"extension\":[{\"url\":\"u\",\"valueCode\":\"unknown\"}]}}",
        "{\"resourceType\":\"Patient\",\"extension\":[{\"url\":\"u\",\"_valueString\":{\"id\":\"x\"}}]}",
        "{\"resourceType\":\"Patient\",\"extension\":[{\"url\":\"u\",\"extension\":[{\"url\":\"v\",\"valueDecimal\":1.10}]}]}",
        "{\"resourceType\":\"Patient\",\"deceasedBoolean\":true,\"_deceasedBoolean\":{\"id\":\"x\"}}",
        "{\"resourceType\":\"Patient\",\"contained\":[{\"id\":\"a\",\"resourceType\":\"Patient\"}],\"active\":true}",
        "{\"resourceType\":\"Patient\",\"text\":{\"status\":\"empty\",\"div\":\"<div xmlns=\\\"http://www.w3.org/1999/xhtml\\\">x</div>\"}}",
        "{\"resourceType\":\"Observation\",\"component\":[{\"valueQuantity\":{\"value\":1e2}},{\"valueInteger\":-1}]}",
        "{\"type\":\"batch\",\"entry\":[{\"resource\":{\"active\":true,\"resourceType\":\"Patient\"}}],\"resourceType\":\"Bundle\"}",
        "{\"resourceType\":\"Parameters\",\"parameter\":[{\"name\":\"a\",\"part\":[{\"name\":\"b\",\"valueInteger\":1}]},{\"name\":\"r\",\"resource\":{\"resourceType\":\"Patient\"}}]}"
      })
  void whatR4AllowsIsLeftAlone(String json) {
    assertThatCode(() -> json(json)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      <Patient>;                                                            namespace
      <Patient xmlns="http://example.org">;                                 namespace
      <Patient xmlns="http://hl7.org/fhir">text;                            at Patient
      <Patient xmlns="http://hl7.org/fhir"><![CDATA[x]]>;                   at Patient
      <Patient xmlns="http://hl7.org/fhir" id="x">;                         at Patient
      <Patient xmlns="http://hl7.org/fhir"><active value="true">x</active>; Patient.active
      <Patient xmlns="http://hl7.org/fhir"><active xmlns="urn:x" value="true"/>;  Patient.active
      <Patient xmlns="http://hl7.org/fhir"><name/>;                         Patient.name
      <Patient xmlns="http://hl7.org/fhir"><name><family value=" "/></name>;  Patient.name.family
      <Patient xmlns="http://hl7.org/fhir"><extension url="u"/>;            Patient.extension
      <!DOCTYPE x><Patient xmlns="http://hl7.org/fhir">;                    document type
      <?xml version="1.0" encoding="ISO-8859-1"?><Patient xmlns="http://hl7.org/fhir">;  encoding
      """)
  void xmlThatWouldBeReadAsSomethingElseIsRefusedAtItsPlace(String start, String place) {
    assertThatThrownBy(() -> StrictXml.check(
            (start.strip() + "</Patient>").getBytes(StandardCharsets.UTF_8), DEEPEST))
        .isInstanceOf(DataFormatException.class)
        .hasMessageContaining(place.strip());
  }

  @Test
  void xmlThatR4AllowsIsLeftAlone() {
    String xml = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- said by nobody -->
        <f:Patient xmlns:f="http://hl7.org/fhir">
          <f:text><f:status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">some <b>text</b><br/></div></f:text>
          <f:contained><f:Patient><f:id value="a"/></f:Patient></f:contained>
          <f:extension url="u"><f:valueString value="x"/></f:extension>
          <f:birthDate id="y"><f:extension url="u"><f:valueCode value="unknown"/></f:extension></f:birthDate>
        </f:Patient>""";
    assertThatCode(() -> StrictXml.check(xml.getBytes(StandardCharsets.UTF_8), DEEPEST))
        .doesNotThrowAnyException();
  }

  private static void json(String json) {
    StrictJson.check(CONTEXT, json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void elementsOfXmlAndOfItsNarrativeAreNestedOnlySoDeep() {
    String extensions = xml("<extension url=\"u\">".repeat(4), "</extension>".repeat(4));
    String narrative = xml(
        "<text><div xmlns=\"http://www.w3.org/1999/xhtml\">" + "<b>".repeat(4),
        "</b>".repeat(4) + "</div></text>");

    for (String body : List.of(extensions, narrative)) {
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      assertThatThrownBy(() -> StrictXml.check(bytes, 4)).hasMessageContaining("more than 4 deep");
      assertThatCode(() -> StrictXml.check(bytes, 7)).doesNotThrowAnyException();
    }
  }

  private static String xml(String start, String end) {
    return "<Patient xmlns=\"http://hl7.org/fhir\">%s<id value=\"x\"/>%s</Patient>"
        .formatted(start, end)
        .replace("<b><id value=\"x\"/></b>", "<b>x</b>");
  }
}
