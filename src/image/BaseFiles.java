import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;

/**
 * Makes what an image holds beside the service: a Java runtime out of the JDK that runs this program, and, where the image has no base of its
 * own, the C library of this machine and the files that it reads. Run by profile "image"; see docs/decisions/0015-image.md.
 */
class BaseFiles {
  /** What the service and its libraries use, and what an operator needs to look into a JVM. */
  private static final String MODULES = String.join(
      ",",
      "java.se",
      "jdk.charsets",
      "jdk.jcmd",
      "jdk.jfr",
      "jdk.localedata",
      "jdk.management",
      "jdk.net",
      "jdk.security.auth",
      "jdk.security.jgss",
      "jdk.unsupported",
      "jdk.zipfs");

  private static final Pattern LIBRARY = Pattern.compile("(?:=>\\s*)?(/\\S+) \\(0x");

  /** Of the runtime's own libraries those that between them are linked with all of the system's. */
  private static final List<String> LIBRARIES =
      List.of("server/libjvm.so", "libjli.so", "libnet.so", "libnio.so", "libzip.so");

  /** @param arguments folder to fill, and the name of the image's base: "scratch" for none */
  public static void main(String... arguments) throws IOException, InterruptedException {
    if (Runtime.version().feature() < 25) {
      throw new IllegalStateException(
          "the image would get Java %d; run this with the JDK 25 of the build".formatted(Runtime.version().feature()));
    }
    Path root = Path.of(arguments[0]);
    delete(root);
    Files.createDirectories(root);
    Path runtime = link(root.resolve("opt/java"));
    if (arguments[1].equals("scratch")) {
      copySystemLibraries(root, runtime);
      write(root, "etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\nbotox:x:10001:10001:botox:/tmp:/sbin/nologin\n");
      write(root, "etc/group", "root:x:0:\nbotox:x:10001:\n");
      write(root, "etc/nsswitch.conf", "hosts: files dns\n");
      Files.createDirectories(root.resolve("tmp"));
    }
  }

  private static Path link(Path runtime) throws IOException {
    var jlink = ToolProvider.findFirst("jlink")
        .orElseThrow(() -> new IllegalStateException("the JDK has no jlink: take a whole one"));
    int status = jlink.run(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        "--add-modules",
        MODULES,
        "--no-header-files",
        "--no-man-pages",
        "--strip-java-debug-attributes",
        "--output",
        runtime.toString());
    if (status != 0) {
      throw new IllegalStateException("jlink ended with status " + status);
    }
    return runtime;
  }

  /** All that the runtime is linked with. Where a name is a link, the file is copied under that name. */
  private static void copySystemLibraries(Path root, Path runtime)
      throws IOException, InterruptedException {
    Set<Path> needed = new TreeSet<>();
    for (String library : LIBRARIES) {
      needed.addAll(linkedWith(runtime.resolve("lib").resolve(library)));
    }
    if (needed.isEmpty()) {
      throw new IllegalStateException("no C library was found: an image without a base is made on Linux with glibc");
    }
    for (Path library : needed) {
      Path copy = root.resolve(Path.of("/").relativize(library));
      Files.createDirectories(copy.getParent());
      Files.copy(library.toRealPath(), copy, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static List<Path> linkedWith(Path library) throws IOException, InterruptedException {
    var process = new ProcessBuilder("ldd", library.toString()).redirectErrorStream(true).start();
    List<Path> needed = new ArrayList<>();
    try (var lines = process.inputReader()) {
      lines.lines().forEach(line -> {
        var found = LIBRARY.matcher(line);
        if (found.find()) {
          needed.add(Path.of(found.group(1)));
        }
      });
    }
    if (process.waitFor() != 0) {
      throw new IllegalStateException("ldd cannot read " + library);
    }
    // The others are of the runtime itself.
    return needed.stream().filter(path -> !path.toString().contains("/opt/java/")).toList();
  }

  private static void write(Path root, String file, String content) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, content);
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    Files.walkFileTree(folder, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        Files.delete(file);
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult postVisitDirectory(Path visited, IOException failure) throws IOException {
        Files.delete(visited);
        return FileVisitResult.CONTINUE;
      }
    });
  }
}
