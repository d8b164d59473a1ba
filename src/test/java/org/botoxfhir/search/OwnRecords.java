package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;

/** Records that a test alone finds, by a tag of its own, in a service that it shares with others. */
final class OwnRecords {
  private final Fhir fhir;
  private final String run = UUID.randomUUID().toString().substring(0, 8);

  OwnRecords(Fhir fhir) {
    this.fhir = fhir;
  }

  /** Stores one. @param name that {@link #found} tells of it @param elements as JSON; empty for none */
  void put(String type, String name, String elements) {
    Answer answer = fhir.put(
        "%s/%s-%s".formatted(type, name, run),
        "{\"resourceType\":\"%1$s\",\"id\":\"%2$s-%3$s\",\"meta\":{\"tag\":[{\"code\":\"%3$s\"}]}%4$s}"
            .formatted(type, name, run, elements.isEmpty() ? "" : "," + elements));
    assertThat(answer.status()).as(answer.body()).isIn(200, 201);
  }

  /** Names of those that a search finds, in its order. @param query as it stands in a URL */
  List<String> found(String type, String query) {
    Answer answer = fhir.get("%s?_tag=%s&%s".formatted(type, run, query));
    assertThat(answer.status()).as(answer.body()).isEqualTo(200);
    return answer
        .json()
        .path("entry")
        .valueStream()
        .map(entry -> entry.at("/resource/id").asString().replace("-" + run, ""))
        .toList();
  }
}
