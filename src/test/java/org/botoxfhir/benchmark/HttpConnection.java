package org.botoxfhir.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection to the service that is used again and again, by one thread. It sends bytes and looks at nothing of the answer but its
 * status and length: what a client library does beyond would take the processor from the service that is measured.
 */
final class HttpConnection implements AutoCloseable {
  private static final int BUFFER = 64 * 1024;
  private static final Set<Integer> WITHOUT_BODY = Set.of(204, 304);

  private final InetSocketAddress address;
  private final ByteBuffer in = ByteBuffer.allocateDirect(BUFFER);
  private final ByteBuffer out = ByteBuffer.allocateDirect(BUFFER);
  private volatile @Nullable SocketChannel channel;
  private String head = "";

  /** Connects with the first request. @param base of the service; only host and port count */
  HttpConnection(URI base) {
    address = new InetSocketAddress(base.getHost(), base.getPort());
  }

  /**
   * Sends a whole request and reads its answer to the end.
   *
   * @return status
   * @throws IOException also when the answer does not say how long it is
   */
  int send(byte[] request) throws IOException {
    return send(request, null);
  }

  /** The same, @param body takes that of the answer */
  int send(byte[] request, @Nullable ByteArrayOutputStream body) throws IOException {
    SocketChannel open = channel;
    if (open == null) {
      open = SocketChannel.open(address);
      open.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel = open;
    }
    for (int at = 0; at < request.length; ) {
      out.clear();
      int length = Math.min(out.remaining(), request.length - at);
      out.put(request, at, length).flip();
      while (out.hasRemaining()) {
        open.write(out);
      }
      at += length;
    }
    in.clear();
    int end;
    while ((end = endOfHead()) < 0) {
      receive(open);
    }
    byte[] bytes = new byte[end];
    in.get(0, bytes);
    head = new String(bytes, StandardCharsets.ISO_8859_1);
    int status = Integer.parseInt(head, 9, 12, 10);
    long rest = bodyLength(status) - (in.position() - end);
    if (rest < 0) {
      throw new IOException("more came than the answer is long: " + head);
    }
    in.flip().position(end).mark();
    take(body);
    while (rest > 0) {
      in.clear().limit((int) Math.min(BUFFER, rest));
      receive(open);
      rest -= in.position();
      in.flip().mark();
      take(body);
    }
    if (header("connection").equals("close")) {
      close(); // the container ends a connection after some requests
    }
    return status;
  }

  /** A header of the last answer, in small letters; empty when there is none. @param name in small letters */
  String header(String name) {
    String small = head.toLowerCase(Locale.ROOT);
    int at = small.indexOf("\r\n" + name + ":");
    return at < 0
        ? ""
        : small.substring(at + name.length() + 3, small.indexOf('\r', at + 2)).strip();
  }

  /** The last bytes of the last answer's body; of a short one all. */
  String end() {
    return StandardCharsets.UTF_8.decode(in.duplicate().reset()).toString();
  }

  private void take(@Nullable ByteArrayOutputStream body) {
    if (body != null) {
      byte[] piece = new byte[in.remaining()];
      in.get(piece);
      body.writeBytes(piece);
    }
  }

  private void receive(SocketChannel open) throws IOException {
    if (!in.hasRemaining()) {
      throw new IOException("the head of the answer is longer than %d bytes".formatted(BUFFER));
    }
    if (open.read(in) < 0) {
      throw new EOFException("the service closed the connection before its answer was complete");
    }
  }

  private long bodyLength(int status) throws IOException {
    if (WITHOUT_BODY.contains(status)) {
      return 0;
    }
    String length = header("content-length");
    if (length.isEmpty()) {
      throw new IOException("the answer does not say how long it is: " + head);
    }
    return Long.parseLong(length);
  }

  /** Where the body begins, or -1 while the head is incomplete. */
  private int endOfHead() {
    for (int i = 3; i < in.position(); i++) {
      if (in.get(i) == '\n' && in.get(i - 1) == '\r' && in.get(i - 2) == '\n') {
        return i + 1;
      }
    }
    return -1;
  }

  /** Also from another thread, whose request then fails; the next one connects anew. */
  @Override
  public void close() throws IOException {
    SocketChannel open = channel;
    channel = null;
    if (open != null) {
      open.close();
    }
  }
}
