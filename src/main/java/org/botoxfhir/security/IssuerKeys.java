package org.botoxfhir.security;

import com.nimbusds.jose.KeySourceException;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.source.JWKSetCacheRefreshEvaluator;
import com.nimbusds.jose.jwk.source.JWKSetRetrievalException;
import com.nimbusds.jose.jwk.source.JWKSetSource;
import com.nimbusds.jose.jwk.source.JWKSource;
import com.nimbusds.jose.jwk.source.JWKSourceBuilder;
import com.nimbusds.jose.proc.SecurityContext;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.security.IssuerState.Question;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The keys that the issuer signs with, read over the network. How often that is done is the matter of {@link #cached}. */
final class IssuerKeys implements JWKSetSource<SecurityContext> {
  private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);

  /** How long keys are used without asking for them again. */
  private static final Duration LIFETIME = Duration.ofMinutes(5);
  /** Keys in use are read again in the background, this long before their time is over: no request waits for the issuer. */
  private static final Duration AHEAD = Duration.ofMinutes(4);
  /** How long a request waits for the keys to be read. */
  private static final Duration WAIT = Duration.ofSeconds(10);
  /** A token with an unknown key may be of a new key, or made up: at most two questions in this time. */
  private static final Duration INTERVAL = Duration.ofSeconds(10);
  /** How long known keys are used while the issuer does not answer; it signs nothing new meanwhile. */
  private static final Duration OUTAGE = Duration.ofHours(24);

  private final IssuerMetadata metadata;
  private final IssuerRequests requests;
  private final IssuerState state;
  private final @Nullable URI address;

  private volatile boolean read;

  /** @param address of the keys, or null to take the one in the metadata */
  IssuerKeys(
      IssuerMetadata metadata,
      IssuerRequests requests,
      IssuerState state,
      @Nullable String address) {
    this.metadata = metadata;
    this.requests = requests;
    this.state = state;
    this.address = address == null ? null : URI.create(address);
  }

  /** The same keys, kept; to be closed. */
  JWKSource<SecurityContext> cached() {
    return JWKSourceBuilder.create(this)
        .cache(LIFETIME.toMillis(), WAIT.toMillis())
        .refreshAheadCache(AHEAD.toMillis(), false)
        .rateLimited(INTERVAL.toMillis())
        .outageTolerant(OUTAGE.toMillis())
        .build();
  }

  /** Whether keys were ever read: until then a token can be neither taken nor refused. */
  boolean wereRead() {
    return read;
  }

  @Override
  public JWKSet getJWKSet(
      JWKSetCacheRefreshEvaluator evaluator, long now, @Nullable SecurityContext context)
      throws KeySourceException {
    try {
      JWKSet keys = read();
      read = true;
      state.answered(Question.KEYS);
      return keys;
    } catch (KeySourceException unread) {
      state.failed(Question.KEYS);
      throw unread;
    }
  }

  private JWKSet read() throws KeySourceException {
    try {
      URI from =
          address == null ? URI.create(metadata.document().path("jwks_uri").asString("")) : address;
      return JWKSet.parse(new String(requests.get(from), StandardCharsets.UTF_8));
    } catch (IOException | IllegalArgumentException away) {
      LOG.warn(
          "the keys of the issuer {} cannot be read: {}", metadata.issuer(), away.getMessage());
      throw new JWKSetRetrievalException("the keys of the issuer cannot be read", away);
    } catch (ParseException malformed) {
      LOG.warn("the keys of the issuer {} are no JSON Web Key Set", metadata.issuer());
      throw new JWKSetRetrievalException("the keys of the issuer cannot be read", malformed);
    } catch (FaultException unknown) {
      throw new JWKSetRetrievalException("the metadata of the issuer cannot be read", unknown);
    }
  }

  @Override
  public void close() {
    // nothing is held open
  }
}
