package org.botoxfhir.operation;

import java.util.List;
import org.botoxfhir.operation.Answers.RefusedException;
import org.botoxfhir.outbox.ParkedEvents;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.DeleteOperation;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.WebEndpoint;
import org.springframework.stereotype.Component;

/** {@code /actuator/parked}: events that Kafka refuses for good. See docs/operations.md. */
@Component
@WebEndpoint(id = "parked")
class ParkedEndpoint {
  private static final int PAGE = 100;
  private static final String EVERY_TOPIC = "*";

  private final ParkedEvents parked;

  ParkedEndpoint(ParkedEvents parked) {
    this.parked = parked;
  }

  /** A page of them. @param topic null for all @param after id of the last one of the page before */
  @ReadOperation
  WebEndpointResponse<Object> list(@Nullable String topic, @Nullable String after) {
    return Answers.answer(() -> {
      long last = Answers.number("after", after, 0, 0, Long.MAX_VALUE);
      return new Listed(parked.count(topic), parked.list(topic, last, PAGE));
    });
  }

  /** Sends those of a topic back through the outbox. @param topic a name, or {@code *} for every topic */
  @WriteOperation
  WebEndpointResponse<Object> unparkAll(@Nullable String topic) {
    return Answers.answer(() -> {
      if (topic == null) {
        throw Answers.invalid("topic is missing: the name of one, or * for every topic");
      }
      String one = topic.equals(EVERY_TOPIC) ? null : topic;
      return new Unparked(parked.unparkAll(one), parked.count(one));
    });
  }

  /** Sends one back through the outbox. */
  @WriteOperation
  WebEndpointResponse<Object> unpark(@Selector String id) {
    return Answers.answer(() -> {
      if (!parked.unpark(number(id))) {
        throw unknown();
      }
      return new Unparked(1, parked.count(null));
    });
  }

  /** Gives one up. */
  @DeleteOperation
  WebEndpointResponse<Object> drop(@Selector String id) {
    return Answers.answer(() -> {
      if (!parked.drop(number(id))) {
        throw unknown();
      }
      return new Dropped(1, parked.count(null));
    });
  }

  private static long number(String id) {
    return Answers.number("the id of a parked event", id, 0, 1, Long.MAX_VALUE);
  }

  private static RefusedException unknown() {
    return new RefusedException(404, "no event of this id is parked (any more)");
  }

  record Listed(long total, List<ParkedEvents.Entry> events) {}

  /** @param stillParked of the same topic, if one was named; events that are refused again will come back to them */
  record Unparked(int unparked, long stillParked) {}

  record Dropped(int dropped, long stillParked) {}
}
