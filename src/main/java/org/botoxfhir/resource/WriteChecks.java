package org.botoxfhir.resource;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fault.Finding.Severity;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.security.Access;
import org.hl7.fhir.r4.model.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** What is looked at before a write: whether its caller may do it, then what the checks find that are there. */
@Component
final class WriteChecks {
  private static final Logger LOG = LoggerFactory.getLogger(WriteChecks.class);

  private final List<WriteCheck> all;
  private final Derivations derivations;
  private final WritePermits permits;

  WriteChecks(ObjectProvider<WriteCheck> all, Derivations derivations, WritePermits permits) {
    this.all = all.orderedStream().toList();
    this.derivations = derivations;
    this.permits = permits;
  }

  /** For the writes of one request. */
  Checked of(Access access) {
    return new Checked(access);
  }

  private List<Finding> check(ResourceKey key, Resource resource) {
    boolean lenient = derivations.spare(key, resource);
    List<Finding> findings = new ArrayList<>();
    for (WriteCheck check : all) {
      for (Finding finding :
          lenient ? tolerant(check, key, resource) : check.check(key, resource, false)) {
        findings.add(finding.within(key));
      }
    }
    return findings;
  }

  /** Nothing that is found, and no failure to find it, stops such a write. */
  private static List<Finding> tolerant(WriteCheck check, ResourceKey key, Resource resource) {
    try {
      return check.check(key, resource, true).stream().map(WriteChecks::warning).toList();
    } catch (RuntimeException failed) {
      // Its message may quote what was sent.
      LOG.warn(
          "{} could not check a {}: {}",
          check.getClass().getSimpleName(),
          key.type(),
          failed.getClass().getName());
      return List.of(Finding.warning("exception", "it could not be checked", key.type()));
    }
  }

  private static Finding warning(Finding finding) {
    return finding.severity() == Severity.ERROR
        ? Finding.warning(finding.code(), finding.text(), finding.expression())
        : finding;
  }

  /** What was found about the resources of one request, each looked at once, however often its transaction starts over. */
  final class Checked implements Resources.Checked {
    private final Access access;
    private final Map<Resource, List<Finding>> findings = new IdentityHashMap<>();

    private Checked(Access access) {
      this.access = access;
    }

    /**
     * Looks at what is to be written; patches are left for when it is known what they make of the current version.
     *
     * @throws FaultException {@link Fault.Forbidden}, {@link Fault.Refused} with all errors
     */
    void require(List<Write> writes) {
      permits.require(access, writes);
      boolean checks = !access.equals(Access.SERVICE);
      List<Finding> errors = new ArrayList<>();
      for (Write write : writes) {
        Resource resource = write.written();
        if (checks && resource != null) {
          findings.computeIfAbsent(resource, missing -> check(write.key(), missing)).stream()
              .filter(finding -> finding.severity() == Severity.ERROR)
              .forEach(errors::add);
        }
      }
      if (!errors.isEmpty()) {
        throw new FaultException(new Fault.Refused(errors));
      }
    }

    /** What the caller is told of a write that was stored. */
    List<Finding> told(Write write) {
      Resource resource = write.written();
      return resource == null ? List.of() : findings.getOrDefault(resource, List.of());
    }
  }
}
