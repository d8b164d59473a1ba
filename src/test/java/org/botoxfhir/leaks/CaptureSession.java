package org.botoxfhir.leaks;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.commons.io.output.TeeOutputStream;
import org.botoxfhir.dev.Folders;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;
import org.slf4j.LoggerFactory;

/** Begins with an empty folder, and takes along what this JVM prints, the logs of all services that run in it among it. */
public final class CaptureSession implements LauncherSessionListener {
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;

  /** Whether this JVM looks for leaks in what another one has captured. */
  private static boolean isCheck() {
    return Boolean.getBoolean("botox.test.leak-check");
  }

  @Override
  public void launcherSessionOpened(LauncherSession session) {
    if (isCheck()) {
      return;
    }
    try {
      Folders.delete(Captured.FOLDER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    // As in the service, also before there is one: at DEBUG libraries tell what they read.
    ((Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME)).setLevel(Level.INFO);
    OutputStream log = Captured.open(Captured.log("tests"));
    System.setOut(both(out, log));
    System.setErr(both(err, log));
  }

  private static PrintStream both(PrintStream before, OutputStream log) {
    return new PrintStream(new TeeOutputStream(before, log), true, StandardCharsets.UTF_8);
  }

  @Override
  public void launcherSessionClosed(LauncherSession session) {
    if (isCheck()) {
      return;
    }
    Captured.end();
    System.setOut(out);
    System.setErr(err);
  }
}
