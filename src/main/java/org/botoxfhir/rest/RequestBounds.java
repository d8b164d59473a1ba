package org.botoxfhir.rest;

import ca.uhn.fhir.util.DateUtils;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.catalina.connector.ClientAbortException;
import org.apache.tomcat.util.http.InvalidParameterException;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.FhirSettings;
import org.botoxfhir.fhir.JsonNumbers;
import org.botoxfhir.fhir.LimitSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.util.ContentCachingResponseWrapper;

/**
 * Bounds what comes in, and gathers what goes out: HAPI flushes after each JSON value, which would be a packet each; gathered, an
 * answer is one write with its length known. It comes first, before anybody asks who the caller is: a body that is refused unread
 * would else be read by the container for as long as its client likes.
 */
final class RequestBounds extends OncePerRequestFilter {
  /** How long a client may go on with a body that is refused already, so that it comes to read why. */
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** Threads that have this patience at the same time; beyond that the connection is closed at once. */
  private static final int PATIENT = 32;

  private final long limit;
  private final LimitSettings limits;
  private final Semaphore patience = new Semaphore(PATIENT);

  RequestBounds(FhirSettings settings, LimitSettings limits) {
    this.limit = settings.maxBodySize().toBytes();
    this.limits = limits;
  }

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    long arrived = System.nanoTime();
    var gathered = new ContentCachingResponseWrapper(response);
    chain.doFilter(new BoundedRequest(request, limit, limits, arrived), gathered);
    boolean whole = isWhole(request, response);
    if (gathered.getContentSize() > 0) {
      gathered.copyBodyToResponse();
    }
    if (!whole) {
      response.flushBuffer();
      // The container takes it as a reason to close the connection, and not as an error.
      throw new ClientAbortException("the rest of a refused body is not waited for");
    }
  }

  /**
   * Reads what is left of a body that nobody wanted, so that its client comes to read the answer; the container would read it too, but
   * for as long as the client likes.
   *
   * @return whether nothing more will come
   */
  private boolean isWhole(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    boolean body =
        request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    // Who waits for 100-continue sends nothing after a refusal, and where the connection broke or
    // fell
    // silent there is an answer of the container's own.
    if (!body
        || request.getHeader("Expect") != null
        || request.getAttribute(RequestDispatcher.ERROR_EXCEPTION) != null) {
      return true;
    }
    ServletInputStream rest = request.getInputStream();
    if (rest.isFinished()) {
      return true;
    }
    if (response.getStatus() == HttpServletResponse.SC_REQUEST_TIMEOUT) {
      return false; // it was waited for
    }
    boolean patient = !RequestAdmission.refused(request) && patience.tryAcquire();
    try {
      long start = System.nanoTime();
      byte[] discarded = new byte[8192];
      while (!rest.isFinished()) {
        if (System.nanoTime() - start > PATIENCE.toNanos() || !patient && rest.available() == 0) {
          return false;
        }
        if (rest.read(discarded) < 0) {
          return true;
        }
      }
      return true;
    } catch (IOException broken) {
      return false; // by the client, or closed by the container: there is no more to be read
    } finally {
      if (patient) {
        patience.release();
      }
    }
  }

  /** Stops reading a body at the limits, announced or not. */
  private static final class BoundedRequest extends HttpServletRequestWrapper {
    private final long limit;
    private final LimitSettings limits;
    private final long arrived;
    private @Nullable ServletInputStream stream;
    private @Nullable Map<String, String[]> parameters;

    BoundedRequest(HttpServletRequest request, long limit, LimitSettings limits, long arrived) {
      super(request);
      this.limit = limit;
      this.limits = limits;
      this.arrived = arrived;
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      if (stream == null) {
        if (getContentLengthLong() > limit) {
          throw new FaultException(new Fault.BodyTooLarge(limit));
        }
        String type = getContentType();
        boolean json = type != null && type.contains("json");
        stream = new BoundedStream(super.getInputStream(), limit, limits, arrived, json);
      }
      return stream;
    }

    /** What cannot be read, e.g. a broken percent-encoding or more than a thousand parameters, the container only throws. */
    @Override
    public Map<String, String[]> getParameterMap() {
      if (parameters == null) {
        try {
          parameters = isForm() ? formParameters() : super.getParameterMap();
        } catch (InvalidParameterException unreadable) {
          throw unreadableParameters();
        }
      }
      return parameters;
    }

    private boolean isForm() {
      String type = getContentType();
      return type != null
          && type.startsWith(MediaTypes.FORM)
          && super.getMethod().equals("POST");
    }

    private Map<String, String[]> formParameters() {
      try {
        byte[] body = getInputStream().readNBytes(FormParameters.MOST_BYTES + 1);
        if (body.length > FormParameters.MOST_BYTES) {
          throw unreadableParameters();
        }
        return FormParameters.parse(getQueryString(), body);
      } catch (IOException gone) {
        throw new UncheckedIOException(gone);
      }
    }

    private static FaultException unreadableParameters() {
      return new FaultException(Fault.invalid(
          "invalid",
          "the parameters of the request cannot be read; check their number, size and percent-encoding",
          null));
    }

    @Override
    public @Nullable String getParameter(String name) {
      String[] values = getParameterMap().get(name);
      return values == null ? null : values[0];
    }

    @Override
    public String @Nullable [] getParameterValues(String name) {
      return getParameterMap().get(name);
    }

    @Override
    public Enumeration<String> getParameterNames() {
      return Collections.enumeration(getParameterMap().keySet());
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
    private final LimitSettings limits;
    private final long arrived;
    private final @Nullable JsonNumbers numbers;
    private long left;

    BoundedStream(
        ServletInputStream in, long limit, LimitSettings limits, long arrived, boolean json) {
      this.numbers = json ? new JsonNumbers() : null;
      this.in = in;
      this.limit = limit;
      this.limits = limits;
      this.arrived = arrived;
      this.left = limit;
    }

    @Override
    public int read() throws IOException {
      int one = reading(in::read);
      taken(one < 0 ? 0 : 1);
      if (one >= 0) {
        check(one);
      }
      return one;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = reading(() -> in.read(bytes, offset, length));
      taken(Math.max(count, 0));
      for (int i = 0; i < count; i++) {
        check(bytes[offset + i]);
      }
      return count;
    }

    private interface Read {
      int get() throws IOException;
    }

    /** The container answers 408 when nothing came for {@code server.tomcat.connection-timeout}; that is no defect. */
    private int reading(Read read) throws IOException {
      try {
        return read.get();
      } catch (ClientAbortException gone) {
        throw new FaultException(new Fault.BodyTooSlow(limits.bodyTimeout()));
      }
    }

    private void check(int next) {
      if (numbers == null) {
        return;
      }
      if (numbers.isTooLarge(next)) {
        throw new FaultException(Fault.invalid(
            "value",
            "a number in the body has more than 1000 characters, or an exponent of more than three digits",
            null));
      }
      if (numbers.depth() > limits.maxNesting()) {
        throw new FaultException(Fault.invalid(
            "structure",
            "objects and lists in the body are nested more than %d deep; see botox.limits.max-nesting"
                .formatted(limits.maxNesting()),
            null));
      }
    }

    private void taken(int count) {
      if (System.nanoTime() - arrived > limits.bodyTimeout().toNanos()) {
        throw new FaultException(new Fault.BodyTooSlow(limits.bodyTimeout()));
      }
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
