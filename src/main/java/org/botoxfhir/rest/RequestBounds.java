package org.botoxfhir.rest;

import ca.uhn.fhir.util.DateUtils;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Map;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.JsonNumbers;
import org.jspecify.annotations.Nullable;
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
      String type = getContentType();
      return new BoundedStream(
          super.getInputStream(), limit, type != null && type.contains("json"));
    }

    /** What the container refuses to read, e.g. a broken percent-encoding or more than a thousand parameters, it only throws. */
    @Override
    public Map<String, String[]> getParameterMap() {
      try {
        return super.getParameterMap();
      } catch (InvalidParameterException unreadable) {
        throw new FaultException(Fault.invalid(
            "invalid",
            "the parameters of the request cannot be read; check their number, size and percent-encoding",
            null));
      }
    }

    /** RFC 9110, 9.3.2: HEAD is answered as GET is; the container leaves out the body. */
    @Override
    public String getMethod() {
      String method = super.getMethod();
      return method.equals("HEAD") ? "GET" : method;
    }

    /**
     * RFC 9110, 13.1.3: a date that cannot be read is ignored. HAPI would take the id of an update from {@code Content-Location} rather
     * than from the URL, and would compress what the container compresses.
     */
    @Override
    public @Nullable String getHeader(String name) {
      String value = super.getHeader(name);
      if (value == null
          || name.equalsIgnoreCase("Content-Location")
          || name.equalsIgnoreCase("Accept-Encoding")) {
        return null;
      }
      return name.equalsIgnoreCase("If-Modified-Since") && DateUtils.parseDate(value) == null
          ? null
          : value;
    }
  }

  private static final class BoundedStream extends ServletInputStream {
    private final ServletInputStream in;
    private final long limit;
    private final @Nullable JsonNumbers numbers;
    private long left;

    BoundedStream(ServletInputStream in, long limit, boolean json) {
      this.numbers = json ? new JsonNumbers() : null;
      this.in = in;
      this.limit = limit;
      this.left = limit;
    }

    @Override
    public int read() throws IOException {
      int one = in.read();
      taken(one < 0 ? 0 : 1);
      if (one >= 0) {
        check(one);
      }
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = in.read(bytes, offset, length);
      taken(Math.max(count, 0));
      for (int i = 0; i < count; i++) {
        check(bytes[offset + i]);
      }
      return count;
    }

    private void check(int next) {
      if (numbers != null && numbers.isTooLarge(next)) {
        throw new FaultException(Fault.invalid(
            "value",
            "a number in the body has more than 1000 characters, or an exponent of more than three digits",
            null));
      }
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
