package org.botoxfhir.security;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import tools.jackson.databind.JsonNode;

/**
 * What SMART App Launch 2.2 (conformance.html) tells apps of the authorization server: taken from the issuer's metadata, with the
 * capabilities that follow from it and from this service, and those that only the operator knows.
 */
public final class SmartConfiguration {
  /** Of this service: how it reads scopes. */
  private static final Set<String> OURS =
      Set.of("permission-patient", "permission-user", "permission-v1", "permission-v2");

  /** Endpoints, and what is passed on as it stands. */
  private static final List<String> PASSED_ON = List.of(
      "issuer",
      "jwks_uri",
      "authorization_endpoint",
      "token_endpoint",
      "registration_endpoint",
      "management_endpoint",
      "introspection_endpoint",
      "revocation_endpoint",
      "token_endpoint_auth_methods_supported",
      "token_endpoint_auth_signing_alg_values_supported",
      "response_types_supported");

  private static final Map<String, String> ENDPOINTS = Map.of(
      "authorize", "authorization_endpoint",
      "token", "token_endpoint",
      "register", "registration_endpoint",
      "manage", "management_endpoint",
      "introspect", "introspection_endpoint",
      "revoke", "revocation_endpoint");

  private static final Set<String> GRANTS = Set.of("authorization_code", "client_credentials");

  private final IssuerMetadata metadata;
  private final List<String> capabilities;

  SmartConfiguration(IssuerMetadata metadata, List<String> capabilities) {
    this.metadata = metadata;
    this.capabilities = List.copyOf(capabilities);
  }

  /**
   * Addresses of the issuer by the names that they have in a CapabilityStatement; without those that it does not have.
   *
   * @throws FaultException with {@link Fault.IssuerAway}
   */
  public Map<String, String> endpoints() {
    JsonNode issuer = metadata.document();
    Map<String, String> endpoints = new TreeMap<>();
    ENDPOINTS.forEach((name, element) -> {
      if (issuer.path(element).isString()) {
        endpoints.put(name, issuer.path(element).asString());
      }
    });
    return endpoints;
  }

  /**
   * The document at {@code .well-known/smart-configuration}, to be written as JSON.
   *
   * @throws FaultException with {@link Fault.IssuerAway}
   */
  public Map<String, Object> document() {
    JsonNode issuer = metadata.document();
    Map<String, Object> document = new LinkedHashMap<>();
    PASSED_ON.stream()
        .filter(issuer::hasNonNull)
        .forEach(name -> document.put(name, issuer.get(name)));
    Set<String> scopes = new LinkedHashSet<>(texts(issuer, "scopes_supported"));
    scopes.addAll(Grants.PURGE);
    document.put("scopes_supported", scopes);
    document.put(
        "grant_types_supported",
        texts(issuer, "grant_types_supported", "authorization_code").stream()
            .filter(GRANTS::contains)
            .toList());
    // Nothing but S256 may be named, and RFC 8414 leaves the list out where there is no PKCE.
    document.put(
        "code_challenge_methods_supported",
        texts(issuer, "code_challenge_methods_supported").stream()
            .filter("S256"::equals)
            .toList());
    document.put("capabilities", capabilities(issuer));
    return document;
  }

  private SortedSet<String> capabilities(JsonNode issuer) {
    SortedSet<String> all = new TreeSet<>(OURS);
    all.addAll(capabilities);
    // RFC 8414, 2: the method where none is named
    List<String> methods =
        texts(issuer, "token_endpoint_auth_methods_supported", "client_secret_basic");
    if (methods.contains("private_key_jwt")) {
      all.add("client-confidential-asymmetric");
    }
    if (methods.contains("client_secret_basic")) {
      all.add("client-confidential-symmetric");
    }
    if (texts(issuer, "code_challenge_methods_supported").contains("S256")) {
      all.add("client-public");
    }
    if (texts(issuer, "scopes_supported").contains("openid")) {
      all.add("sso-openid-connect");
    }
    return all;
  }

  private static List<String> texts(JsonNode issuer, String name, String... otherwise) {
    JsonNode told = issuer.path(name);
    return told.isArray()
        ? told.valueStream().map(one -> one.asString("")).toList()
        : List.of(otherwise);
  }
}
