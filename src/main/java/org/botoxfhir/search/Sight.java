package org.botoxfhir.search;

import java.util.HashMap;
import java.util.Map;
import org.botoxfhir.security.Grants;
import org.botoxfhir.security.Permission;
import org.botoxfhir.store.StoredVersion;
import org.jspecify.annotations.Nullable;

/** What a caller may see of each type while one request is carried out. */
public final class Sight {
  /** Of the service itself, and of whoever may see all. */
  public static final Sight OF_ALL = new Sight(null, Grants.ALL, Permission.SEARCH);

  private final @Nullable Confinements confinements;
  private final Grants grants;
  private final Permission permission;
  private final Map<String, Confinement> known = new HashMap<>();

  Sight(@Nullable Confinements confinements, Grants grants, Permission permission) {
    this.confinements = confinements;
    this.grants = grants;
    this.permission = permission;
  }

  /** Whether nothing is hidden. */
  boolean isOfAll() {
    return confinements == null;
  }

  Confinement of(String type) {
    Confinements all = confinements;
    return all == null
        ? Confinement.WHOLE_TYPE
        : known.computeIfAbsent(type, one -> all.of(grants, permission, one));
  }

  boolean covers(StoredVersion version) {
    return confinements == null || confinements.covers(of(version.key().type()), version);
  }
}
