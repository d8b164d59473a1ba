package org.botoxfhir.audit;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InteractionTest {

  @ParameterizedTest
  @CsvSource({
    "TRACE, Patient/1, OTHER",
    "POST, Patient/1/Observation, OTHER",
    "PUT, '', OTHER",
    "GET, Patient/1/a/b/c, OTHER",
    "GET, metadata, CAPABILITIES",
    "GET, '', SEARCH_SYSTEM",
    "POST, _search, SEARCH_SYSTEM",
    "POST, '', TRANSACTION",
    "GET, Patient, SEARCH_TYPE",
    "HEAD, Patient, SEARCH_TYPE",
    "POST, Patient/_search, SEARCH_TYPE",
    "GET, Patient/1/Observation, SEARCH_TYPE",
    "GET, Patient/1/*, SEARCH_SYSTEM",
    "POST, Patient/1/*/_search, SEARCH_SYSTEM",
    "GET, Patient/1, READ",
    "HEAD, Patient/1/, READ",
    "GET, Patient/1/_history/2, VREAD",
    "GET, Patient/1/_history, HISTORY_INSTANCE",
    "GET, Patient/_history, HISTORY_TYPE",
    "GET, _history, HISTORY_SYSTEM",
    "POST, Patient, CREATE",
    "PUT, Patient/1, UPDATE",
    "PUT, Patient, UPDATE",
    "PATCH, Patient/1, PATCH",
    "DELETE, Patient/1, DELETE",
    "DELETE, Patient, DELETE",
    "GET, Patient/1/$everything, OPERATION",
    "POST, $validate, OPERATION"
  })
  void aRequestIsNamedByItsMethodAndPathWhateverBecomesOfIt(
      String method, String path, Interaction interaction) {
    assertThat(Interaction.of(method, path)).isEqualTo(interaction);
  }
}
