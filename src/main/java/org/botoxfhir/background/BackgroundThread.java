package org.botoxfhir.background;

import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** A thread that begins before the first request and ends after the last one, so that it still sees what that commits. */
public abstract class BackgroundThread implements SmartLifecycle {
  private final String name;
  private volatile boolean running;
  private @Nullable Thread thread;

  /** @param name of the thread */
  protected BackgroundThread(String name) {
    this.name = name;
  }

  /** The work. Ends soon after an interrupt, or once {@link #isRunning} is no longer so. */
  protected abstract void run();

  @Override
  public synchronized void start() {
    running = true;
    thread = Thread.ofPlatform().name(name).start(this::run);
  }

  /** Interrupts the work and waits for its end. */
  @Override
  public synchronized void stop() {
    running = false;
    Thread stopping = thread;
    if (stopping != null) {
      stopping.interrupt();
      try {
        stopping.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      thread = null;
    }
  }

  /** Starts before the web server and stops after it. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  public boolean isRunning() {
    return running;
  }
}
