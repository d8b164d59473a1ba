package org.botoxfhir.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Who a request is counted for: the address of the connection, which is the one that a proxy names only where {@code
 * server.forward-headers-strategy} says that there is a proxy: the container or Spring has replaced it by then, and a header alone changes
 * nothing here. Not who the token is of: proving tokens is work that a flood must not cause.
 */
final class ClientKeys {
  /** Bytes of an IPv6 address that a network is given; the others a single machine may choose as it likes. */
  private static final int NETWORK = 8;

  private ClientKeys() {}

  static String of(HttpServletRequest request) {
    String address = request.getRemoteAddr();
    if (address.indexOf(':') < 0) {
      return address;
    }
    try {
      return InetAddress.ofLiteral(address) instanceof Inet6Address six
          ? "network:" + HexFormat.of().formatHex(Arrays.copyOf(six.getAddress(), NETWORK))
          : address;
    } catch (IllegalArgumentException noAddress) { // RFC 7239 lets a proxy write names of its own
      return address;
    }
  }
}
