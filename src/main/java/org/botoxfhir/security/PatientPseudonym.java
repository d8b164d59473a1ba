package org.botoxfhir.security;

import java.nio.charset.StandardCharsets;
import java.security.InvalidKeyException;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.springframework.stereotype.Component;

/**
 * A name for a patient that tells nothing about the patient: HMAC-SHA256 of the reference. The same patient always has the same name,
 * so events keyed by it stay in order.
 */
@Component
public class PatientPseudonym {
  private static final String ALGORITHM = "HmacSHA256";

  private final SecretKeySpec key;

  PatientPseudonym(PatientPseudonymSettings settings) {
    this.key = new SecretKeySpec(settings.secret(), ALGORITHM);
  }

  /**
   * The pseudonym of whoever a reference names.
   *
   * @param reference e.g. {@code Patient/1}, without a version
   * @return 43 characters of base64url
   */
  public String of(String reference) {
    try {
      var mac = Mac.getInstance(ALGORITHM);
      mac.init(key);
      byte[] hash = mac.doFinal(reference.getBytes(StandardCharsets.UTF_8));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
    }
  }
}
