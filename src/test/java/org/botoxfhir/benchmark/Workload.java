package org.botoxfhir.benchmark;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * Requests of one kind.
 *
 * @param name as in the table of results
 * @param expected status of each answer; any other fails the run
 */
record Workload(String name, int expected, Requests requests) {

  /** Makes requests, for several connections at a time. */
  @FunctionalInterface
  interface Requests {
    /**
     * The next request, whole.
     *
     * @param connection that it goes out by, from 0
     */
    byte[] next(int connection, SplittableRandom random);
  }

  /**
   * Sends one of the requests.
   *
   * @param seed of what is random in it
   * @return the body of its answer
   * @throws IllegalStateException when the answer has another status
   */
  JsonNode answer(URI base, long seed) {
    var body = new ByteArrayOutputStream();
    try (var connection = new HttpConnection(base)) {
      int status = connection.send(requests.next(0, new SplittableRandom(seed)), body);
      if (status != expected) {
        throw new IllegalStateException("%s: answered %d where %d was expected: %s"
            .formatted(name, status, expected, body.toString(StandardCharsets.UTF_8)));
      }
      return body.size() == 0
          ? MissingNode.getInstance()
          : JsonMapper.shared().readTree(body.toByteArray());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A request without a body. @param path from the root, e.g. {@code /fhir/Patient/1} @param headers each with its line end */
  static byte[] get(String path, String... headers) {
    return ("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/fhir+json\r\n"
            + String.join("", headers) + "\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A request with a body of FHIR JSON. @param method e.g. {@code POST} */
  static byte[] with(String method, String path, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    byte[] head = (method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            + "Accept: application/fhir+json\r\nContent-Type: application/fhir+json\r\nContent-Length: "
            + bytes.length + "\r\n\r\n")
        .getBytes(StandardCharsets.ISO_8859_1);
    byte[] request = new byte[head.length + bytes.length];
    System.arraycopy(head, 0, request, 0, head.length);
    System.arraycopy(bytes, 0, request, head.length, bytes.length);
    return request;
  }
}
