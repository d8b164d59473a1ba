package org.botoxfhir.terminology;

import java.util.Optional;
import org.hl7.fhir.r4.model.ValueSet;
import org.jspecify.annotations.Nullable;

/** The code systems and value sets that are on file, as they are now. */
public interface Definitions {

  /**
   * A value set.
   *
   * @param url canonical URL, or {@code ValueSet/id}
   * @param version null for the one that was written last
   */
  Optional<ValueSet> valueSet(String url, @Nullable String version);

  /** The same, of a code system. */
  Optional<Concepts> codeSystem(String url, @Nullable String version);

  /** Whether more are just being stored, so that what is not on file may be in a moment. */
  boolean incomplete();
}
