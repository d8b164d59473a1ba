package org.botoxfhir.security;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.function.Function;

/**
 * Whose tokens they are that came a short time ago, by the hash of each: to find it out costs more than to answer a read. Only what
 * was found right is kept; whether it is still right by the clock is asked each time.
 */
final class KnownTokens {
  private static final int MOST = 10_000;

  private final Cache<ByteBuffer, TokenCaller> known;

  /** @param lifetime how long a token is not looked at again */
  KnownTokens(Duration lifetime) {
    known = Caffeine.newBuilder().maximumSize(MOST).expireAfterWrite(lifetime).build();
  }

  TokenCaller caller(String token, Function<String, TokenCaller> find) {
    ByteBuffer key = hash(token);
    TokenCaller caller = known.getIfPresent(key);
    if (caller == null) {
      caller = find.apply(token);
      known.put(key, caller);
    }
    return caller;
  }

  private static ByteBuffer hash(String token) {
    try {
      return ByteBuffer.wrap(
          MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
