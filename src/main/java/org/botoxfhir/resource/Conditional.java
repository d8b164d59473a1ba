package org.botoxfhir.resource;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;

/** What R4 makes of a request by criteria, once it is known what they match; the same alone and in a bundle. */
public final class Conditional {
  private Conditional() {}

  /**
   * The match, if there is one.
   *
   * @param found two of the matches if there are more than one
   * @throws FaultException {@link Fault.SeveralMatches}
   */
  public static Optional<ResourceKey> only(String criteria, List<ResourceKey> found) {
    if (found.size() > 1) {
      throw new FaultException(new Fault.SeveralMatches(criteria));
    }
    return found.stream().findFirst();
  }

  /**
   * A conditional update: of the match, or as the first version where there is none.
   *
   * @param newKey for a resource without an id that is created
   * @param expectedVersion version that must be the current one ({@code If-Match}), or null for any
   * @throws FaultException {@link Fault.Invalid} when the resource carries another id than the match
   */
  public static Write update(
      Resource resource,
      String criteria,
      Optional<ResourceKey> match,
      ResourceKey newKey,
      @Nullable String expectedVersion) {
    String type = resource.fhirType();
    String id = resource.getIdElement().getIdPart();
    if (match.isPresent() && id != null && !id.equals(match.get().id())) {
      throw new FaultException(Fault.invalid(
          "invalid",
          "'%s' matches %s, and the resource carries the id %s; leave the id out, or make them agree"
              .formatted(criteria, match.get(), id),
          type + ".id"));
    }
    if (match.isPresent() || expectedVersion != null) {
      return new Write.Update(match.orElse(newKey), resource, expectedVersion);
    }
    return id == null
        ? new Write.Create(newKey, resource)
        : new Write.First(new ResourceKey(type, id), resource);
  }
}
