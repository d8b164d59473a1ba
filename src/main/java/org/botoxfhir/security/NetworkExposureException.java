package org.botoxfhir.security;

/** The service would listen on the network while nobody is authenticated. */
class NetworkExposureException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** @param address where the service would listen, in words that fit after "on" */
  NetworkExposureException(String address) {
    super(
        "The service would listen on %s (server.address), where everyone on the network could read and write patients' records, because it authenticates nobody"
            .formatted(address));
  }
}
