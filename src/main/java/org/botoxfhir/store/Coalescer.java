package org.botoxfhir.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * Puts questions that several threads have at the same time as one. While an answer is on its way, the questions that come gather, and
 * the first of them asks for all. A question that is alone is asked at once. Each answer is made after its question was put, so it is as fresh as
 * one of its own would be.
 *
 * @param <Q> question
 * @param <A> answer to several questions
 */
final class Coalescer<Q, A> {
  private final Function<List<Q>, A> asking;
  private final ReentrantLock turn = new ReentrantLock();
  private final Object gathering = new Object();
  private Round<Q, A> open = new Round<>();

  /** @param asking called by one thread at a time, with at least one question */
  Coalescer(Function<List<Q>, A> asking) {
    this.asking = asking;
  }

  private static final class Round<Q, A> {
    private final List<Q> questions = new ArrayList<>();
    private final CompletableFuture<A> answer = new CompletableFuture<>();
  }

  /**
   * Returns the answer to this question and to those that came with it.
   *
   * @throws RuntimeException what asking for all of them threw
   */
  A ask(Q question) {
    Round<Q, A> round;
    boolean first;
    synchronized (gathering) {
      round = open;
      first = round.questions.isEmpty();
      round.questions.add(question);
    }
    if (first) {
      answer(round);
    }
    try {
      return round.answer.join();
    } catch (CompletionException failed) {
      throw failed.getCause() instanceof RuntimeException cause ? cause : failed;
    }
  }

  private void answer(Round<Q, A> round) {
    turn.lock();
    try {
      synchronized (gathering) {
        open = new Round<>();
      }
      round.answer.complete(asking.apply(round.questions));
    } catch (RuntimeException | Error failed) {
      round.answer.completeExceptionally(failed);
    } finally {
      turn.unlock();
    }
  }
}
