package org.botoxfhir.search;

/** How an identifier is found by its type and value together. */
final class IdentifierOfType {
  private IdentifierOfType() {}

  /** The token value; the system of the type's code is the token's system. */
  static String value(String typeCode, String value) {
    return typeCode + "|" + value;
  }
}
