package org.botoxfhir.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.stereotype.Component;

/** Puts the standby of {@code botox.replica.url} beside the pool of the primary; {@link FreshReads} decides who reads from it. */
@Component
class ReplicaRouting implements BeanPostProcessor, DisposableBean {
  /** For a connection to the standby: the primary answers in its place. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final ObjectProvider<ReplicaSettings> settings;
  private @Nullable HikariDataSource standby;

  ReplicaRouting(ObjectProvider<ReplicaSettings> settings) {
    this.settings = settings;
  }

  @Override
  public Object postProcessAfterInitialization(Object bean, String name) {
    if (!(bean instanceof HikariDataSource primary)) {
      return bean;
    }
    ReplicaSettings replica = settings.getObject();
    if (replica.url() == null) {
      return bean;
    }
    var config = new HikariConfig();
    primary.copyStateTo(config);
    config.setJdbcUrl(replica.url());
    config.setUsername(primary.getUsername());
    config.setPassword(primary.getPassword());
    config.setPoolName("replica");
    config.setMaximumPoolSize(replica.poolSize());
    config.setMinimumIdle(0);
    config.setConnectionTimeout(PATIENCE.toMillis());
    config.setValidationTimeout(PATIENCE.toMillis());
    // Its absence is no reason not to start.
    config.setInitializationFailTimeout(-1);
    standby = new HikariDataSource(config);
    return new RoutedDataSource(primary, standby, replica.maxWait());
  }

  @Override
  public void destroy() {
    if (standby != null) {
      standby.close();
    }
  }
}
