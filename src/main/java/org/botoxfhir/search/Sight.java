package org.botoxfhir.search;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.botoxfhir.security.Grants;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;

/** What a caller may see of each type while one request is carried out, by what Consents deny when it is first asked. */
public final class Sight {
  /** Of the service itself, and of whoever may see all. */
  public static final Sight OF_ALL = new Sight(null, Grants.ALL, Permission.SEARCH, () -> null);

  private final @Nullable Confinements confinements;
  private final Grants grants;
  private final Permission permission;
  private final Supplier<@Nullable Requester> requester;
  private final Map<String, Confinement> known = new HashMap<>();

  Sight(
      @Nullable Confinements confinements,
      Grants grants,
      Permission permission,
      Supplier<@Nullable Requester> requester) {
    this.confinements = confinements;
    this.grants = grants;
    this.permission = permission;
    this.requester = requester;
  }

  /** Whether nothing is hidden. */
  boolean isOfAll() {
    return confinements == null;
  }

  Confinement of(String type) {
    Confinements all = confinements;
    return all == null
        ? Confinement.WHOLE_TYPE
        : known.computeIfAbsent(
            type,
            one -> all.of(grants, permission, one, all.mayBelong(one) ? requester.get() : null));
  }

  /** Those of some current versions that the caller sees. */
  List<StoredVersion> seen(Collection<StoredVersion> versions) {
    if (confinements == null) {
      return List.copyOf(versions);
    }
    Requester asking = versions.isEmpty() ? null : requester.get();
    if (asking != null) {
      asking.learnOf(versions);
    }
    return versions.stream().filter(this::covers).toList();
  }

  /** Whether the caller sees a current version. */
  boolean covers(StoredVersion version) {
    if (confinements == null) {
      return true;
    }
    Confinement confinement = of(version.key().type());
    Requester asking = requester.get();
    return confinement.isWholeUnlessDenied()
            && (asking == null || !asking.isGuarded(version.patient()))
        || confinements.covers(confinement, version);
  }

  /** Whether something of a type in a patient's record may be hidden by a Consent. */
  boolean mayBeDenied(String patient, String type) {
    Requester asking = requester.get();
    return asking != null && of(type).mindsConsents() && asking.mayBeDenied(patient, type);
  }
}
