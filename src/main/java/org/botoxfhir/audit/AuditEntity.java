package org.botoxfhir.audit;

import java.util.stream.Stream;

/**
 * What an event is about.
 *
 * @param kind what was done with it
 * @param text a reference, with its version where there is one; of a query or what was refused the request
 */
record AuditEntity(Kind kind, String text) {

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
  }

  /** As a row holds it: one line. */
  String line() {
    return kind.letter + text;
  }

  static AuditEntity of(String line) {
    Kind kind = Stream.of(Kind.values())
        .filter(one -> one.letter == line.charAt(0))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException("an audit row of a later release"));
    return new AuditEntity(kind, line.substring(1));
  }
}
