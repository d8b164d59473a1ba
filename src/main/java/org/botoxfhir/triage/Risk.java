package org.botoxfhir.triage;

/** A fact about the patient that makes spread of toxin effect more dangerous. */
public enum Risk {
  /** Myasthenia gravis, Eaton-Lambert syndrome, motor neuron disease or a motor neuropathy on file. */
  NEUROMUSCULAR_DISEASE,
  /** Younger than 18 years; also without a known age where spasticity is on file. */
  CHILD,
  /** Spasticity on file; also a child for whom no other indication of the toxin is on file. */
  SPASTICITY
}
