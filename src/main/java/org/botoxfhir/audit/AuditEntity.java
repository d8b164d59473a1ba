package org.botoxfhir.audit;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * What an event is about.
 *
 * @param kind what was done with it
 * @param text a reference, with its version where there is one; of a query or what was refused the request
 * @param labels security labels that it had, each {@code system|code}, where they are told
 */
record AuditEntity(Kind kind, String text, List<String> labels) {
  /** Between a reference and its labels. */
  private static final String LABELLED = " ";

  AuditEntity(Kind kind, String text) {
    this(kind, text, List.of());
  }

  /** The letter by which a row tells it. */
  enum Kind {
    READ('r'),
    CREATED('c'),
    CHANGED('u'),
    DELETED('d'),
    /** Of a bundle's entry: a search or an operation. */
    ASKED('q'),
    /** Of a bundle's entry: it was not carried out. */
    REFUSED('f');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }

    /** Whether it is about one resource, rather than what was asked for. */
    boolean isData() {
      return this != ASKED && this != REFUSED;
    }
  }

  /** As a row holds it: one line. */
  String line() {
    return kind.letter + text + (labels.isEmpty() ? "" : LABELLED + String.join(LABELLED, labels));
  }

  static AuditEntity of(String line) {
    Kind kind = Stream.of(Kind.values())
        .filter(one -> one.letter == line.charAt(0))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("an audit row of a later release"));
    String text = line.substring(1);
    if (!kind.isData() || !text.contains(LABELLED)) {
      return new AuditEntity(kind, text);
    }
    List<String> parts = Arrays.asList(text.split(LABELLED, -1));
    return new AuditEntity(kind, parts.getFirst(), parts.subList(1, parts.size()));
  }
}
