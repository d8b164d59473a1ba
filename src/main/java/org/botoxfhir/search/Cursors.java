package org.botoxfhir.search;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.search.SearchQuery.Position;
import org.botoxfhir.search.SearchQuery.Used;
import org.botoxfhir.store.SecretTable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where a page ends, as text that a client carries to the next page. Signed together with the request, so that nobody can ask for
 * a place that the request did not give out.
 */
@Component
public final class Cursors {
  private static final int SIGNATURE_BYTES = 16;

  /** Before the sort key stand the direction and the internal key. */
  private static final int KEY = 1 + Long.BYTES;

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Ready to sign; each signature is made by a copy of it, for it is not for several threads, and looking one up takes longer than signing. */
  private final Mac prepared;

  Cursors(SecretTable secrets) {
    try {
      prepared = Mac.getInstance("HmacSHA256");
      prepared.init(new SecretKeySpec(secrets.secret("page-links"), "HmacSHA256"));
    } catch (GeneralSecurityException missing) {
      throw new IllegalStateException("every Java runtime has HmacSHA256", missing);
    }
  }

  /**
   * The position as text of {@code A-Z a-z 0-9 - _}.
   *
   * @param path what is asked, relative to the base, e.g. {@code Procedure} or {@code Patient/1/_history}
   * @param used the parameters that it is asked with
   */
  public String cursor(String path, List<Used> used, Position position) {
    byte[] sortKey = position.sortKey().getBytes(StandardCharsets.UTF_8);
    byte[] place = ByteBuffer.allocate(KEY + sortKey.length)
        .put((byte) (position.back() ? 1 : 0))
        .putLong(position.rid())
        .put(sortKey)
        .array();
    byte[] signed = Arrays.copyOf(signature(path, used, place), SIGNATURE_BYTES + place.length);
    System.arraycopy(place, 0, signed, SIGNATURE_BYTES, place.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(signed);
  }

  /**
   * The position that a cursor stands for.
   *
   * @throws FaultException with {@link Fault.Invalid} when the cursor is not one that this request gave out
   */
  public Position position(String path, List<Used> used, String cursor) {
    byte[] signed = decode(cursor);
    if (signed.length > SIGNATURE_BYTES + KEY) {
      byte[] place = Arrays.copyOfRange(signed, SIGNATURE_BYTES, signed.length);
      if (MessageDigest.isEqual(
          signature(path, used, place), Arrays.copyOf(signed, SIGNATURE_BYTES))) {
        return new Position(
            place[0] == 1,
            new String(place, KEY, place.length - KEY, StandardCharsets.UTF_8),
            ByteBuffer.wrap(place).getLong(1));
      }
    }
    throw new FaultException(Fault.invalid(
        "invalid",
        "the page link is not one of this request; follow the links of its first page unchanged",
        null));
  }

  /** The single keys of a position of a search that is sorted by more than one column's order. */
  static List<String> keys(String sortKey, int expected) {
    List<String> keys = new ArrayList<>();
    JSON.readTree(sortKey).forEach(key -> keys.add(key.asString()));
    if (keys.size() != expected) {
      throw new IllegalStateException(
          "a signed position has %d keys, not %d".formatted(keys.size(), expected));
    }
    return keys;
  }

  private static byte[] decode(String cursor) {
    try {
      return Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException notBase64) {
      return new byte[0];
    }
  }

  private byte[] signature(String path, List<Used> used, byte[] place) {
    try {
      Mac mac = (Mac) prepared.clone();
      sign(mac, path);
      for (Used one : used) {
        sign(mac, one.name());
        sign(mac, one.value());
      }
      return Arrays.copyOf(mac.doFinal(place), SIGNATURE_BYTES);
    } catch (CloneNotSupportedException never) {
      throw new IllegalStateException("the runtime's HmacSHA256 cannot be copied", never);
    }
  }

  /** With its length before it, so that no two lists of texts look alike. */
  private static void sign(Mac mac, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).array());
    mac.update(bytes);
  }
}
