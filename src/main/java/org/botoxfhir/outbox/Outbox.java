package org.botoxfhir.outbox;

import java.util.List;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Propagation;
import org.springframework.transaction.annotation.Transactional;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/** Where a transaction leaves the events that shall be published once it commits. */
@Service
public class Outbox {
  private final OutboxTable table;
  private final OutboxLevel level;
  private final RelaySignal signal;

  Outbox(OutboxTable table, OutboxLevel level, RelaySignal signal) {
    this.table = table;
    this.level = level;
    this.signal = signal;
  }

  /**
   * Appends events in the caller's transaction (read committed), in one round trip. From here to its end other transactions that
   * append events with related keys wait: call it once per transaction, as its last statement. Events with the same key are
   * published in commit order, and in the order of the list.
   *
   * @throws FaultException with {@link Fault.OutboxFull} when too many events wait already
   * @throws org.springframework.transaction.IllegalTransactionStateException outside a transaction: an event without its change
   *     would be a lie
   */
  @Transactional(propagation = Propagation.MANDATORY)
  public void append(List<NewEvent> events) {
    if (events.isEmpty()) {
      return;
    }
    int count = events.size();
    level.reserve(count);
    TransactionSynchronizationManager.registerSynchronization(new TransactionSynchronization() {
      @Override
      public void afterCompletion(int status) {
        // A commit of unknown outcome counts: the next measurement corrects it, and the relay looks
        // in vain at worst.
        boolean committed = status != STATUS_ROLLED_BACK;
        level.ended(count, committed);
        if (committed) {
          signal.raise();
        }
      }
    });
    table.append(events);
  }
}
