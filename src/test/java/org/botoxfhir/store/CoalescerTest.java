package org.botoxfhir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CoalescerTest {
  private final ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor();
  private final List<List<Integer>> rounds = Collections.synchronizedList(new ArrayList<>());
  private final Semaphore mayAnswer = new Semaphore(0);
  private final CountDownLatch firstIsAsked = new CountDownLatch(1);

  @AfterEach
  void stop() {
    askers.shutdownNow();
  }

  private List<Integer> answer(List<Integer> questions) {
    rounds.add(List.copyOf(questions));
    firstIsAsked.countDown();
    mayAnswer.acquireUninterruptibly();
    return List.copyOf(questions);
  }

  @Test
  void questionsThatComeWhileAnAnswerIsOnItsWayAreAskedAsOneAndNotWithTheOneBefore()
      throws Exception {
    var gathered = new AtomicLong();
    var coalescer = new Coalescer<Integer, List<Integer>>(this::answer);
    Future<List<Integer>> first = askers.submit(() -> coalescer.ask(0));
    firstIsAsked.await();
    List<Thread> threads = new ArrayList<>();
    List<List<Integer>> answers = Collections.synchronizedList(new ArrayList<>());
    for (int i = 1; i <= 20; i++) {
      int question = i;
      threads.add(Thread.ofVirtual().start(() -> {
        gathered.incrementAndGet();
        answers.add(coalescer.ask(question));
      }));
    }
    await()
        .atMost(30, TimeUnit.SECONDS)
        .until(() -> gathered.get() == 20
            && threads.stream().allMatch(thread -> thread.getState() == Thread.State.WAITING));
    mayAnswer.release(2);
    assertThat(first.get()).containsExactly(0);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(rounds).hasSize(2);
    assertThat(rounds.getLast())
        .containsExactlyInAnyOrderElementsOf(
            IntStream.rangeClosed(1, 20).boxed().toList());
    assertThat(answers).hasSize(20).allSatisfy(one -> assertThat(one).hasSize(20));
  }

  @Test
  void aFailureIsToldToAllWhoAskedAndForgottenByTheNextRound() {
    var asked = new AtomicLong();
    var coalescer = new Coalescer<Integer, Integer>(questions -> {
      if (asked.incrementAndGet() == 1) {
        throw new IllegalStateException("the database is away");
      }
      return questions.getFirst();
    });
    assertThatThrownBy(() -> coalescer.ask(1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the database is away");
    assertThat(coalescer.ask(2)).isEqualTo(2);
  }

  @Test
  void everyAnswerIsMadeAfterItsQuestionWasPut() throws Exception {
    var clock = new AtomicLong();
    var coalescer = new Coalescer<Integer, Long>(questions -> clock.get());
    List<Future<Boolean>> fresh = IntStream.range(0, 8)
        .mapToObj(asker -> askers.submit(() -> {
          for (int i = 0; i < 5_000; i++) {
            long written = clock.incrementAndGet();
            if (coalescer.ask(asker) < written) {
              return false;
            }
          }
          return true;
        }))
        .toList();
    for (Future<Boolean> one : fresh) {
      assertThat(one.get()).isTrue();
    }
  }
}
