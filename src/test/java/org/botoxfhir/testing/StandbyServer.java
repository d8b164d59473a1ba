package org.botoxfhir.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.botoxfhir.dev.DevelopmentPostgres;
import org.botoxfhir.dev.EmbeddedKafka;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A standby that follows the log of a primary over the network and can be made the primary. */
public final class StandbyServer implements AutoCloseable {
  private static final String NAME = "standby";

  private final DevelopmentPostgres server;

  /** Copies the primary and starts the copy. @param folder for its data */
  public StandbyServer(DevelopmentPostgres primary, Path folder) throws IOException {
    Path data = DevelopmentPostgres.prepared(folder);
    BaseBackup.take(primary, data);
    Files.createFile(data.resolve("standby.signal"));
    Files.writeString(
        data.resolve("postgresql.auto.conf"),
        "primary_conninfo = 'host=127.0.0.1 port=%d user=postgres application_name=%s'%n"
            .formatted(primary.port(), NAME),
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    server = DevelopmentPostgres.start(folder, EmbeddedKafka.freePort());
  }

  /** From now on a commit of the primary is confirmed only once the standby has it on disk. */
  public static void makeSynchronous(JdbcClient primary) {
    primary.sql("alter system set synchronous_standby_names = '" + NAME + "'").update();
    primary.sql("select pg_reload_conf()").query(Boolean.class).single();
    Awaitility.await("synchronous replication")
        .atMost(Duration.ofSeconds(60))
        .until(() -> primary
            .sql("select exists (select from pg_stat_replication where sync_state = 'sync')")
            .query(Boolean.class)
            .single());
  }

  /** Makes it the primary, and returns when it takes writes. */
  public void promote() {
    if (!jdbc().sql("select pg_promote(true, 60)").query(Boolean.class).single()) {
      throw new AssertionError("the standby does not become the primary within 60 s");
    }
  }

  /** {@code host:port}, as in a JDBC URL. */
  public String address() {
    return "127.0.0.1:" + server.port();
  }

  /** JDBC URL for a superuser. */
  public String url() {
    return server.url();
  }

  /** SQL, over a new connection each time. */
  public JdbcClient jdbc() {
    return ServerProcesses.jdbc(server);
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
