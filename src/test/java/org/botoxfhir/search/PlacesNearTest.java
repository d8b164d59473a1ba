package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.beans.factory.annotation.Autowired;

/** The search parameter {@code near} of Locations. A degree of a great circle is 111.195 km. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PlacesNearTest {
  private final OwnRecords records;

  PlacesNearTest(@Autowired Fhir fhir) {
    records = new OwnRecords(fhir);
  }

  @BeforeAll
  void places() {
    put("zero", "0", "0");
    put("north", "1", "0");
    put("east", "0", "1");
    put("berlin", "52.520008", "13.404954");
    put("paris", "48.856613", "2.352222");
    put("suva", "-17", "179.9");
    put("taveuni", "-17", "-179.9");
    put("pole", "89.9", "0");
    put("beyond-pole", "89.9", "180");
    put("nowhere", "1e300", "0");
    records.put("Location", "unplaced", "");
  }

  private void put(String name, String latitude, String longitude) {
    records.put(
        "Location",
        name,
        "\"position\":{\"latitude\":%s,\"longitude\":%s}".formatted(latitude, longitude));
  }

  private List<String> found(String search) {
    return records.found(
        "Location", search.replace("|", "%7C").replace("[", "%5B").replace("]", "%5D"));
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', textBlock = """
      0|0|111.1|km;                  zero
      0|0|111.2|km;                  zero north east
      0|0|111200|m;                  zero north east
      0|0|69|[mi_i];                 zero
      0|0|69.2|[mi_us];              zero north east
      0|0|60.0|[nmi_i];              zero
      0|0|60.1|[nmi_i];              zero north east
      0|0|111.2;                     zero north east
      0|0;                           zero
      0|0||m;                        zero
      0|0|0|km;                      zero
      0.5|0.5|80|km;                 zero north east
      52.5|13.4|10|km;               berlin
      48.856613|2.352222|877|km;     paris
      48.856613|2.352222|878|km;     paris berlin
      -17|180|11|km;                 suva taveuni
      -17|179.95|6|km;               suva
      -17|-179.95|16|km;             suva taveuni
      90|7|12|km;                    pole beyond-pole
      89.9|0|23|km;                  pole beyond-pole
      89.9|0|22|km;                  pole
      0|0|20016|km;                  zero north east berlin paris suva taveuni pole beyond-pole
      0|0|1|km,52.5|13.4|10|km;      zero berlin
      """)
  void aPlaceIsFoundWithinTheDistanceAcrossDateLineAndPole(String near, String names) {
    assertThat(found("near=" + near.strip()))
        .containsExactlyInAnyOrderElementsOf(Stream.of(names.strip().split(" ")).toList());
  }

  @Test
  void aPlaceWithoutAPositionOnEarthIsNearNothingAndCanBeLookedFor() {
    assertThat(found("near:missing=true")).containsExactlyInAnyOrder("unplaced", "nowhere");
    assertThat(found("near:missing=false&near=0|0|1")).containsExactly("zero");
  }
}
