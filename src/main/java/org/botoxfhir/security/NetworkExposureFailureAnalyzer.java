package org.botoxfhir.security;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells the operator the ways out instead of a stack trace. */
class NetworkExposureFailureAnalyzer extends AbstractFailureAnalyzer<NetworkExposureException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, NetworkExposureException cause) {
    return new FailureAnalysis(
        cause.getMessage() + ".",
        "Set botox.security.issuer to the authorization server and botox.security.audiences to what its tokens for this"
            + " service have as aud, so that every request needs a token. For development set server.address=127.0.0.1. Where a"
            + " gateway in front authenticates and authorises every request, state so with"
            + " botox.security.authenticating-gateway=true.",
        cause);
  }
}
