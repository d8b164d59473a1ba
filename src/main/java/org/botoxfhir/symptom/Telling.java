package org.botoxfhir.symptom;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What those who follow a patient's records are told of a change of one of them.
 *
 * @param content the version that is shown: of one that is taken back, what it said
 * @param owner whose record it is; see {@link EventJson#owner}
 */
record Telling<T>(Kind kind, T content, String owner) {
  /** What the change is to them. */
  enum Kind {
    FIRST,
    CHANGED,
    TAKEN_BACK
  }

  /**
   * Whatever is no more is taken back. A record that goes over to another patient is taken back for the one and a first one for the
   * other, each in the order of their own.
   *
   * @param before empty when there was nothing to tell of
   * @param after empty when there is nothing any more
   */
  static <T> List<Telling<T>> of(
      Optional<T> before, Optional<T> after, Function<T, String> ownerOf) {
    Optional<String> ownerBefore = before.map(ownerOf);
    Optional<String> ownerAfter = after.map(ownerOf);
    if (after.isPresent() && ownerBefore.equals(ownerAfter)) {
      return List.of(new Telling<>(Kind.CHANGED, after.get(), ownerAfter.orElseThrow()));
    }
    var tellings = new ArrayList<Telling<T>>();
    before.ifPresent(content ->
        tellings.add(new Telling<>(Kind.TAKEN_BACK, content, ownerBefore.orElseThrow())));
    after.ifPresent(
        content -> tellings.add(new Telling<>(Kind.FIRST, content, ownerAfter.orElseThrow())));
    return tellings;
  }
}
