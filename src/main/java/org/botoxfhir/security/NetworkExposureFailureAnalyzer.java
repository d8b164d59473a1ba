package org.botoxfhir.security;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells the operator the two ways out instead of a stack trace. */
class NetworkExposureFailureAnalyzer extends AbstractFailureAnalyzer<NetworkExposureException> {
  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, NetworkExposureException cause) {
    return new FailureAnalysis(
        cause.getMessage() + ".",
        "Set server.address=127.0.0.1, or put a gateway that authenticates every request in front and state so with"
            + " botox.security.authenticating-gateway=true.",
        cause);
  }
}
