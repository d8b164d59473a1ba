package org.botoxfhir.rest;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Bounds what comes in, and gathers what goes out: HAPI flushes after each JSON value, which would be a packet each; gathered, an
 * answer is one write with its length known.
 */
final class RequestBounds extends OncePerRequestFilter {
  /** When the request arrived, {@link System#nanoTime}. */
  static final String ARRIVED = RequestBounds.class.getName();

  private final long limit;

  RequestBounds(FhirSettings settings) {
    limit = settings.maxBodySize().toBytes();
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    request.setAttribute(ARRIVED, System.nanoTime());
    var gathered = new ContentCachingResponseWrapper(response);
    chain.doFilter(new BoundedRequest(request, limit), gathered);
    if (gathered.getContentSize() > 0) {
      gathered.copyBodyToResponse();
    }
  }

  /** Stops reading a body at the limit, announced or not. */
  private static final class BoundedRequest extends HttpServletRequestWrapper {
    private final long limit;

    BoundedRequest(HttpServletRequest request, long limit) {
      super(request);
      this.limit = limit;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      if (getContentLengthLong() > limit) {
        throw new FaultException(new Fault.BodyTooLarge(limit));
      }
      if (getHeader("Content-Encoding") != null) {
        throw new FaultException(Fault.invalid(
            "not-supported",
            "Content-Encoding is not supported for requests; send the body uncompressed",
            null));
      }
      return new BoundedStream(super.getInputStream(), limit);
    }
  }

  private static final class BoundedStream extends ServletInputStream {
    private final ServletInputStream in;
    private final long limit;
    private long left;

    BoundedStream(ServletInputStream in, long limit) {
      this.in = in;
      this.limit = limit;
      this.left = limit;
    }

    @Override
    public int read() throws IOException {
      int one = in.read();
      taken(one < 0 ? 0 : 1);
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = in.read(bytes, offset, length);
      taken(Math.max(count, 0));
      return count;
    }

    private void taken(int count) {
      left -= count;
      if (left < 0) {
        throw new FaultException(new Fault.BodyTooLarge(limit));
      }
    }

    @Override
    public boolean isFinished() {
      return in.isFinished();
    }

    @Override
    public boolean isReady() {
      return in.isReady();
    }

    @Override
    public void setReadListener(ReadListener listener) {
      in.setReadListener(listener);
    }
  }
}
