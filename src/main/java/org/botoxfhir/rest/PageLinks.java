package org.botoxfhir.rest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.store.SecretTable;
import org.springframework.stereotype.Component;
import org.springframework.web.util.UriUtils;

/**
 * Links from page to page. The next link repeats the search and adds {@code _cursor}: where the page ended, signed together with the
 * search, so that nobody can ask for what the search did not find.
 */
@Component
final class PageLinks {
  static final String CURSOR = "_cursor";

  private static final int SIGNATURE_BYTES = 16;

  private final SecretKeySpec key;

  PageLinks(SecretTable secrets) {
    key = new SecretKeySpec(secrets.secret("page-links"), "HmacSHA256");
  }

  /** The link to a page itself. */
  static String self(String base, String type, List<Used> used) {
    return base + "/" + type + (used.isEmpty() ? "" : "?" + query(used));
  }

  /** The link to the page behind a position. */
  String next(String base, String type, List<Used> used, Position position) {
    return self(base, type, used) + (used.isEmpty() ? "?" : "&") + CURSOR + "="
        + cursor(type, used, position);
  }

  private static String query(List<Used> used) {
    return used.stream()
        .map(u -> UriUtils.encode(u.name(), StandardCharsets.UTF_8) + "="
            + UriUtils.encode(u.value(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private String cursor(String type, List<Used> used, Position position) {
    byte[] sortKey = position.sortKey().getBytes(StandardCharsets.UTF_8);
    byte[] place = ByteBuffer.allocate(Long.BYTES + sortKey.length)
        .putLong(position.rid())
        .put(sortKey)
        .array();
    byte[] signed = Arrays.copyOf(signature(type, used, place), SIGNATURE_BYTES + place.length);
    System.arraycopy(place, 0, signed, SIGNATURE_BYTES, place.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
  }

  /** @throws FaultException when the cursor is not one that this search gave out */
  Position position(String type, List<Used> used, String cursor) {
    byte[] signed = decode(cursor);
    if (signed.length > SIGNATURE_BYTES + Long.BYTES) {
      byte[] place = Arrays.copyOfRange(signed, SIGNATURE_BYTES, signed.length);
      if (MessageDigest.isEqual(
          signature(type, used, place), Arrays.copyOf(signed, SIGNATURE_BYTES))) {
        ByteBuffer buffer = ByteBuffer.wrap(place);
        long rid = buffer.getLong();
        return new Position(
            new String(place, Long.BYTES, place.length - Long.BYTES, StandardCharsets.UTF_8), rid);
      }
    }
    throw new FaultException(Fault.invalid(
        "invalid",
        "the page link is not one of this search; follow the links of its first page unchanged",
        null));
  }

  private static byte[] decode(String cursor) {
    try {
      return Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException notBase64) {
      return new byte[0];
    }
  }

  private byte[] signature(String type, List<Used> used, byte[] place) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      mac.update((type + "?" + query(used) + "#").getBytes(StandardCharsets.UTF_8));
      return Arrays.copyOf(mac.doFinal(place), SIGNATURE_BYTES);
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("every Java runtime has HmacSHA256", missing);
    }
  }
}
