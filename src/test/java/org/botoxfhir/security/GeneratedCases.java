package org.botoxfhir.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.search.SearchQueryParser;
import org.botoxfhir.search.Searches;
import org.botoxfhir.testing.ServiceTest;
import org.junit.jupiter.api.TestInstance;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.transaction.support.TransactionTemplate;

/** The service behind its one door, for thousands of made-up cases of which none sees what another one wrote. */
@ServiceTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GeneratedCases {
  @Autowired
  Resources resources;

  @Autowired
  SearchQueryParser queries;

  @Autowired
  FhirSettings settings;

  @Autowired
  ServedTypes types;

  @Autowired
  private TransactionTemplate transactions;

  /** Does it, and takes back what was written. */
  final <T> T takenBack(Supplier<T> work) {
    return Objects.requireNonNull(transactions.execute(status -> {
      status.setRollbackOnly();
      return work.get();
    }));
  }

  final Searches.Page search(Access access, String type, String query) {
    return resources.search(access, queries.parse(type, query), null);
  }

  static <T> T any(Random random, List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** A matrix with one answer to everything would prove nothing. @param seen each interaction with one of its answers behind it */
  static void assertAnsweredInSeveralWays(
      Collection<? extends Enum<?>> interactions, Set<String> seen) {
    assertThat(interactions)
        .allSatisfy(interaction -> assertThat(
                seen.stream().filter(answer -> answer.startsWith(interaction + " ")))
            .as("answers to %s", interaction)
            .hasSizeGreaterThan(1));
  }
}
