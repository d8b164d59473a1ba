package org.botoxfhir.examples.consumer;

/** An event that is not what the contract promises and never will be. */
class UnreadableEventException extends Exception {
  private static final long serialVersionUID = 1;

  private final String defect;

  UnreadableEventException(String defect) {
    super(defect);
    this.defect = defect;
  }

  /** What is wrong, without any of the content. */
  String defect() {
    return defect;
  }
}
