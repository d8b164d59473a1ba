package org.botoxfhir.security;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.security.IssuerState.Question;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What the issuer says of itself: OpenID Connect Discovery 1.0, else RFC 8414. It is read when it is first needed, so that an issuer
 * that is away stops no start, and again after some minutes; what was read once holds while the issuer does not answer.
 */
final class IssuerMetadata {
  private static final Logger LOG = LoggerFactory.getLogger(IssuerMetadata.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Duration LIFETIME = Duration.ofMinutes(10);
  /** After a failure. */
  private static final Duration PAUSE = Duration.ofSeconds(5);

  private final String issuer;
  private final IssuerRequests requests;
  private final IssuerState state;
  private final ReentrantLock reading = new ReentrantLock();

  private volatile Known known;

  /** @param until {@link System#nanoTime}; not asked again before */
  private record Known(@Nullable JsonNode document, long until) {}

  IssuerMetadata(String issuer, IssuerRequests requests, IssuerState state) {
    this.issuer = issuer;
    this.requests = requests;
    this.state = state;
    known = new Known(null, System.nanoTime());
  }

  String issuer() {
    return issuer;
  }

  /** @throws FaultException with {@link Fault.IssuerAway} while it was never read */
  JsonNode document() {
    Known before = known;
    if (isOver(before)) {
      // One reads; others take what is known, and wait only when nothing is.
      if (before.document() == null) {
        reading.lock();
      } else if (!reading.tryLock()) {
        return before.document();
      }
      try {
        if (isOver(known)) {
          known = read(known.document());
        }
      } finally {
        reading.unlock();
      }
    }
    JsonNode document = known.document();
    if (document == null) {
      throw new FaultException(new Fault.IssuerAway(issuer, Question.METADATA.unanswered()));
    }
    return document;
  }

  private static boolean isOver(Known one) {
    return System.nanoTime() - one.until() >= 0;
  }

  private Known read(@Nullable JsonNode before) {
    try {
      var known = new Known(read(), System.nanoTime() + LIFETIME.toNanos());
      state.answered(Question.METADATA);
      return known;
    } catch (IOException away) {
      state.failed(Question.METADATA);
      LOG.warn("the metadata of the issuer {} cannot be read: {}", issuer, away.getMessage());
      return new Known(before, System.nanoTime() + PAUSE.toNanos());
    }
  }

  private JsonNode read() throws IOException {
    String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
    try {
      return read(URI.create(base + "/.well-known/openid-configuration"));
    } catch (IOException first) {
      URI at = URI.create(base);
      try {
        // RFC 8414, 3.1: before the path, not after it
        return read(at.resolve("/.well-known/oauth-authorization-server" + at.getRawPath()));
      } catch (IOException second) {
        throw first;
      }
    }
  }

  private JsonNode read(URI address) throws IOException {
    JsonNode document;
    try {
      document = JSON.readTree(requests.get(address));
    } catch (JacksonException e) {
      throw new IOException("what is at %s is no JSON".formatted(address));
    }
    if (!document.path("issuer").asString("").equals(issuer)) {
      throw new IOException(
          "%s is of another issuer; botox.security.issuer must be what it says of itself, to the letter"
              .formatted(address));
    }
    return document;
  }
}
