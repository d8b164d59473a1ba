package org.botoxfhir.triage;

/** A fact about the patient that makes spread of toxin effect more dangerous. */
public enum Risk {
  /** Myasthenia gravis, Eaton-Lambert syndrome, motor neuron disease or a motor neuropathy on file. */
  NEUROMUSCULAR_DISEASE,
  /** Younger than 18 years, or not known to be older. */
  CHILD,
  /** Treated for spasticity, or not known to be treated for something else. */
  SPASTICITY
}
