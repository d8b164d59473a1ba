package org.botoxfhir.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/** Where references are nobody's business but the client's: {@code botox.fhir.referential-integrity=off}. */
@ServiceTest(ownDatabase = true, properties = "botox.fhir.referential-integrity=off")
class UncheckedReferencesTest {
  @Autowired
  Fhir fhir;

  @Test
  void aRecordOfAnUnknownPatientIsStoredWithoutAWordAndAPatientWithRecordsCanBeDeleted() {
    String flag =
        "{\"resourceType\":\"Flag\",\"status\":\"active\",\"code\":{\"text\":\"made up\"},\"subject\":{\"reference\":\"Patient/p\"}}";
    Answer stored = fhir.post("Flag", flag);
    assertThat(stored.status()).isEqualTo(201);
    assertThat(stored.headers().firstValue("X-FHIR-Warning")).isEmpty();

    assertThat(
            fhir.put("Patient/p", "{\"resourceType\":\"Patient\",\"id\":\"p\"}").status())
        .isEqualTo(201);
    assertThat(fhir.delete("Patient/p").status()).isIn(200, 204);
    assertThat(fhir.get("Flag?subject=Patient/p").json().get("entry").size()).isOne();
  }
}
