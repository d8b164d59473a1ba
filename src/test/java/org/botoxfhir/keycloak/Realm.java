package org.botoxfhir.keycloak;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** A realm as Keycloak imports it, with the clients that the tests need; see {@code docs/security.md} for the same by hand. */
final class Realm {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final List<String> SCOPES =
      List.of("system/*.rs", "system/*.cruds", "patient/*.rs", "launch/patient");

  private final List<Object> clients = new ArrayList<>();

  /** A program that proves itself by a key of its own (SMART Backend Services). @param audience of its tokens */
  Realm backend(String id, JWK key, String audience, int lifetimeSeconds) {
    clients.add(Map.of(
        "clientId",
        id,
        "clientAuthenticatorType",
        "client-jwt",
        "serviceAccountsEnabled",
        true,
        "standardFlowEnabled",
        false,
        "optionalClientScopes",
        SCOPES,
        "attributes",
        Map.of(
            "use.jwks.string", "true",
            "jwks.string", new JWKSet(key).toString(),
            "token.endpoint.auth.signing.alg", key.getAlgorithm().getName(),
            "access.token.lifespan", Integer.toString(lifetimeSeconds)),
        "protocolMappers",
        List.of(audience(audience), subject())));
    return this;
  }

  /** An app without a secret, for patients. */
  Realm patientApp(String id, String redirect, String audience) {
    clients.add(Map.of(
        "clientId",
        id,
        "publicClient",
        true,
        "standardFlowEnabled",
        true,
        "redirectUris",
        List.of(redirect),
        "optionalClientScopes",
        SCOPES,
        "attributes",
        Map.of("pkce.code.challenge.method", "S256"),
        "protocolMappers",
        List.of(audience(audience), subject(), attribute("patient"), attribute("fhirUser"))));
    return this;
  }

  /** @param patient id of the patient that the only user, {@code made-up} with this password, is */
  String json(String patient, String password) {
    return JSON.writeValueAsString(Map.of(
        "realm",
        "clinic",
        "enabled",
        true,
        "sslRequired",
        "none",
        "clientScopes",
        SCOPES.stream()
            .map(scope -> Map.of(
                "name",
                scope,
                "protocol",
                "openid-connect",
                "attributes",
                Map.of("include.in.token.scope", "true")))
            .toList(),
        "clients",
        clients,
        "users",
        List.of(Map.of(
            "username",
            "made-up",
            "enabled",
            true,
            "email",
            "made-up@example.org",
            "emailVerified",
            true,
            "firstName",
            "Made",
            "lastName",
            "Up",
            "credentials",
            List.of(Map.of("type", "password", "value", password)),
            "attributes",
            Map.of(
                "patient", List.of(patient),
                "fhirUser", List.of("Patient/" + patient)))),
        "components",
        Map.of(
            "org.keycloak.userprofile.UserProfileProvider",
            List.of(Map.of(
                "providerId",
                "declarative-user-profile",
                "config",
                Map.of("kc.user.profile.config", List.of(PROFILE)))))));
  }

  /** Lets users have attributes that are not declared. */
  private static final String PROFILE = """
      {"unmanagedAttributePolicy": "ENABLED", "attributes": [
        {"name": "username", "permissions": {"view": ["admin"], "edit": ["admin"]}},
        {"name": "email", "permissions": {"view": ["admin"], "edit": ["admin"]}},
        {"name": "firstName", "permissions": {"view": ["admin"], "edit": ["admin"]}},
        {"name": "lastName", "permissions": {"view": ["admin"], "edit": ["admin"]}}]}
      """;

  private static Map<String, Object> audience(String audience) {
    return mapper("audience", "oidc-audience-mapper", Map.of("included.custom.audience", audience));
  }

  private static Map<String, Object> subject() {
    return mapper("subject", "oidc-sub-mapper", Map.of());
  }

  private static Map<String, Object> attribute(String name) {
    return mapper(
        name,
        "oidc-usermodel-attribute-mapper",
        Map.of("user.attribute", name, "claim.name", name, "jsonType.label", "String"));
  }

  private static Map<String, Object> mapper(String name, String kind, Map<String, String> config) {
    var all = new java.util.HashMap<>(config);
    all.put("access.token.claim", "true");
    return Map.of(
        "name", name, "protocol", "openid-connect", "protocolMapper", kind, "config", all);
  }
}
