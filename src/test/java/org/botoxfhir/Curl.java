package org.botoxfhir;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.Fhir.Answer;

/**
 * A curl command of a page, with the options that pages use. It is sent to the service of the tests, not to where the page says.
 *
 * @param path relative to the FHIR base
 * @param headers name, value, name, value...
 */
record Curl(String method, String path, List<String> headers, String body) {
  private static final String BASE = "http://localhost:8080/fhir";

  /** A word of a shell: bare, or in single or double quotes. */
  private static final Pattern WORD = Pattern.compile("'([^']*)'|\"([^\"]*)\"|(\\S+)");

  static Curl parse(String command) throws IOException {
    List<String> words = WORD.matcher(command)
        .results()
        .map(word -> word.group().matches("['\"].*")
            ? word.group().substring(1, word.group().length() - 1)
            : word.group())
        .toList();
    String method = "";
    String path = "";
    String body = "";
    List<String> headers = new ArrayList<>();
    for (int i = 1; i < words.size(); i++) {
      switch (words.get(i)) {
        case "-X" -> method = words.get(++i);
        case "-H" -> headers.addAll(List.of(words.get(++i).split(": ", 2)));
        case "--data" -> {
          String data = words.get(++i);
          body = data.startsWith("@") ? Files.readString(Path.of(data.substring(1))) : data;
        }
        default -> {
          if (!words.get(i).startsWith(BASE)) {
            throw new IllegalArgumentException(
                "'%s' of a command is not understood".formatted(words.get(i)));
          }
          path = words.get(i).substring(BASE.length()).replaceFirst("^/", "");
        }
      }
    }
    String sent = method.isEmpty() ? body.isEmpty() ? "GET" : "POST" : method;
    return new Curl(sent, path, headers, body);
  }

  Answer send(Fhir fhir) {
    return fhir.send(
        method,
        path,
        body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body),
        headers.toArray(String[]::new));
  }
}
