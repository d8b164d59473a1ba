package org.botoxfhir.fhir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceKeyTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "a",
        "Z9.-",
        "0123456789012345678901234567890123456789012345678901234567890123"
      })
  void whatR4AllowsIsAnId(String id) {
    assertThat(ResourceKey.isId(id)).isTrue();
    assertThat(new ResourceKey("Patient", id)).hasToString("Patient/" + id);
    assertThat(ResourceKey.ofReference("Patient/" + id)).contains(new ResourceKey("Patient", id));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "a b",
        "a_b",
        "a/b",
        "a%20",
        "\u00e4",
        "\u0661",
        "a\n",
        "\u0000",
        "01234567890123456789012345678901234567890123456789012345678901234"
      })
  void anythingElseIsNoId(String id) {
    assertThat(ResourceKey.isId(id)).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> new ResourceKey("Patient", id));
    assertThat(ResourceKey.ofReference("Patient/" + id)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "P", "patient", "Pat1ent", "Pati\u00ebnt", "\u00c4rzte", "[Patient"})
  void aTypeIsAWordOfLettersThatBeginsWithACapital(String type) {
    assertThatIllegalArgumentException().isThrownBy(() -> new ResourceKey(type, "1"));
    assertThat(ResourceKey.ofReference(type + "/1")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Patient/1/_history/2", "Patient/1/_history/x"})
  void aReferenceToAVersionHasTheKeyOfItsResource(String reference) {
    assertThat(ResourceKey.ofReference(reference)).contains(new ResourceKey("Patient", "1"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"#1", "urn:uuid:1", "Patient/1/", "Patient/1/history/2", "http://x/Patient/1"})
  void anyOtherReferenceHasNone(String reference) {
    assertThat(ResourceKey.ofReference(reference)).isEmpty();
  }
}
