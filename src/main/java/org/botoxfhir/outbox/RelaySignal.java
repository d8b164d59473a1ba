package org.botoxfhir.outbox;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.springframework.stereotype.Component;

/** Tells the relay that there is something to do. Any number of signals before it looks count as one. */
@Component
class RelaySignal {
  private final Semaphore raised = new Semaphore(0);

  void raise() {
    if (raised.availablePermits() == 0) {
      raised.release();
    }
  }

  /**
   * Waits for a signal and takes it. To lose none, look for work after this returns.
   *
   * @return false when {@code atMost} passed without one
   */
  boolean await(Duration atMost) throws InterruptedException {
    boolean signalled = raised.tryAcquire(atMost.toNanos(), TimeUnit.NANOSECONDS);
    raised.drainPermits();
    return signalled;
  }
}
