package org.botoxfhir.rest;

import jakarta.servlet.http.HttpServletRequest;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.security.Principal;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * Who a request is counted for. Whoever is authenticated counts under the name of the token; anybody else under the address of the
 * connection, which is the one that a proxy names only where {@code server.forward-headers-strategy} says that there is a proxy: the
 * container or Spring has replaced it by then, and a header alone changes nothing here.
 */
final class ClientKeys {
  /** Bytes of an IPv6 address that a network is given; the others a single machine may choose as it likes. */
  private static final int NETWORK = 8;

  private ClientKeys() {}

  static String of(HttpServletRequest request) {
    Principal caller = request.getUserPrincipal();
    // The prefix keeps a token's subject from passing itself off as an address.
    return caller == null ? network(request.getRemoteAddr()) : "caller:" + caller.getName();
  }

  private static String network(String address) {
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
