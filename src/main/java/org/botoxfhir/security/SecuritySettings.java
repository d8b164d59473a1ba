package org.botoxfhir.security;

import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * What the operator states about who can reach the service.
 *
 * @param authenticatingGateway the operator's word that a gateway in front of the service authenticates and authorises every
 *     request, and that the service cannot be reached around it; {@code false} unless set, and then the service listens on a
 *     loopback address only
 */
@ConfigurationProperties("botox.security")
record SecuritySettings(boolean authenticatingGateway) {}
