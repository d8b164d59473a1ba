package org.botoxfhir.faults;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.botoxfhir.outbox.EventSink;
import org.botoxfhir.outbox.OutboxEvent;
import org.botoxfhir.outbox.ParkedEvent;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/**
 * Puts the fault points into a service that is started with {@link #settings}: around its database connections and its event sink, and
 * by {@link FaultInterceptor} into its Kafka clients. No stereotype: the scan of the service shall not find it.
 */
final class FaultPoints implements BeanPostProcessor {
  private static final String FOLDER = "botox.test.faults";

  FaultPoints(Environment environment) {
    FaultPoint.installIn(Path.of(environment.getRequiredProperty(FOLDER)));
  }

  /** @param folder where the points of this service are armed */
  static Map<String, String> settings(Path folder) {
    return Map.of(
        "spring.main.sources",
        FaultPoints.class.getName(),
        FOLDER,
        folder.toAbsolutePath().toString(),
        "botox.kafka.properties.interceptor.classes",
        FaultInterceptor.class.getName());
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    return switch (bean) {
      case DataSource pool -> new FaultyDataSource(pool);
      case EventSink sink -> new FaultySink(sink);
      default -> bean;
    };
  }

  private static final class FaultyDataSource extends DelegatingDataSource {
    FaultyDataSource(DataSource pool) {
      super(pool);
    }

    @Override
    public Connection getConnection() throws SQLException {
      return (Connection) Proxy.newProxyInstance(
          Connection.class.getClassLoader(),
          new Class<?>[] {Connection.class},
          new Commits(super.getConnection()));
    }
  }

  /** Knows of a connection whether the transaction that it commits has appended events. */
  private static final class Commits implements InvocationHandler {
    private final Connection connection;
    private boolean appended;

    Commits(Connection connection) {
      this.connection = connection;
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
      boolean commits = method.getName().equals("commit");
      if (method.getName().equals("prepareStatement")
          && ((String) arguments[0]).contains("insert into outbox_event")) {
        appended = true;
      }
      if (commits && appended) {
        FaultPoint.AFTER_APPEND.passed();
      }
      Object result;
      try {
        result = method.invoke(connection, arguments);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
      if (commits && appended) {
        FaultPoint.AFTER_DATABASE_COMMIT.passed();
        appended = false;
      }
      return result;
    }
  }

  private record FaultySink(EventSink sink) implements EventSink {
    @Override
    public Tenure takeOver(UUID outbox) throws EventSinkException, InterruptedException {
      FaultPoint.AFTER_LOCK.passed();
      Tenure tenure = sink.takeOver(outbox);
      FaultPoint.AFTER_POSITIONS.passed();
      FaultPoint.tookOver();
      return new FaultyTenure(tenure);
    }

    @Override
    public void deadLetter(ParkedEvent event) throws EventSinkException, InterruptedException {
      FaultPoint.AFTER_PARKING.passed();
      sink.deadLetter(event);
      FaultPoint.AFTER_DEAD_LETTER.passed();
    }
  }

  private record FaultyTenure(EventSink.Tenure tenure) implements EventSink.Tenure {
    @Override
    public Map<Integer, EventSink.Position> positions() {
      return tenure.positions();
    }

    @Override
    public void publish(List<OutboxEvent> events)
        throws EventSink.EventSinkException, EventSink.RefusedEventsException,
            InterruptedException {
      FaultPoint.AFTER_RETIREMENT.passed();
      tenure.publish(events);
      FaultPoint.AFTER_KAFKA_COMMIT.passed();
    }

    @Override
    public void close() {
      tenure.close();
    }
  }
}
