package org.botoxfhir.fhir;

import ca.uhn.fhir.context.FhirContext;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.stereotype.Component;

/** The resource types that this instance serves, from {@code botox.fhir.types}. */
@Component
public final class ServedTypes {
  /** Comes out of the audit log, not out of the store: read and searched by what the log knows, written by nobody. */
  public static final String AUDIT = "AuditEvent";

  private final Set<String> served;
  private final Set<String> readOnly;

  ServedTypes(FhirSettings settings, FhirContext context) {
    Set<String> all = context.getResourceTypes();
    served = new TreeSet<>(settings.types().contains("*") ? all : settings.types());
    // Bundle and Parameters travel, they are not kept; Binary has its own protocol that the store
    // does not speak.
    if (settings.types().contains("*")) {
      served.removeAll(Set.of("Bundle", "Parameters", "Binary", "OperationOutcome"));
    }
    served.remove(AUDIT);
    for (String type : served) {
      if (!all.contains(type)) {
        throw new IllegalArgumentException(
            "botox.fhir.types names %s, which is no R4 resource type".formatted(type));
      }
    }
    readOnly = new TreeSet<>(settings.readOnlyTypes());
  }

  /** All types that the store serves, in alphabetical order. */
  public List<String> all() {
    return List.copyOf(served);
  }

  public boolean serves(String type) {
    return served.contains(type);
  }

  /** Whether clients may write the type. */
  public boolean writable(String type) {
    return served.contains(type) && !readOnly.contains(type);
  }
}
