package org.botoxfhir.benchmark;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.awaitility.Awaitility;
import org.botoxfhir.dev.Folders;
import org.botoxfhir.testing.Fhir;
import org.botoxfhir.testing.ServerProcesses;
import org.botoxfhir.testing.ServiceProcess;

/**
 * The service with a database that waits for the disk and a broker, all as processes on this machine, with the default settings but
 * for the bounds of a single client. Its definitions are on file, and it was started once more after that.
 */
final class MeasuredService implements AutoCloseable {
  private static final Duration DEFINITIONS = Duration.ofMinutes(5);

  private final Path folder;
  private final ServerProcesses servers;
  private final ServiceProcess service;
  private final double startSeconds;
  private final long emptyBytes;

  /** @param options which service is started, and how */
  MeasuredService(Options options) throws IOException {
    folder = Files.createTempDirectory("botox-benchmark-");
    servers = new ServerProcesses(folder, ServerProcesses.FAST);
    try {
      try (ServiceProcess first = start(options)) {
        Awaitility.await("the definitions of R4 on file")
            .atMost(DEFINITIONS)
            .pollInterval(Duration.ofMillis(500))
            .until(this::definitionsOnFile);
        first.stop();
      }
      emptyBytes = databaseBytes();
      long begun = System.nanoTime();
      service = start(options);
      startSeconds = (System.nanoTime() - begun) / 1e9;
    } catch (RuntimeException e) {
      servers.close();
      Folders.delete(folder);
      throw e;
    }
  }

  /** Of every measured service: what a single client may ask for is not bounded, for all comes from one address. */
  static Map<String, String> settings(ServerProcesses servers) {
    Map<String, String> settings = new HashMap<>(servers.settings());
    settings.put("botox.kafka.create-topics", "true");
    settings.put("botox.events.pseudonym-key", "key-of-the-tests-that-protects-nobody");
    settings.put("botox.limits.requests-per-second", "1000000");
    settings.put("botox.limits.reports-per-second", "1000000");
    settings.put("botox.limits.concurrent-requests-per-client", "1000");
    return settings;
  }

  private ServiceProcess start(Options options) {
    Map<String, String> settings = settings(servers);
    settings.put("botox.audit.enabled", Boolean.toString(options.audit()));
    // The defaults, which ServiceProcess leaves out for the sake of short tests
    settings.put("botox.definitions.load", "true");
    settings.put("botox.validation.mode", "enforce");
    Path jar = options.jar();
    return jar == null
        ? ServiceProcess.start(options.java(), settings)
        : ServiceProcess.start(options.java(), jar, settings);
  }

  private boolean definitionsOnFile() {
    return servers
        .jdbc()
        .sql("select count(*) > 0 and bool_and(complete) from definition_set")
        .query(Boolean.class)
        .single();
  }

  URI base() {
    return service.fhir().base();
  }

  Fhir fhir() {
    return service.fhir();
  }

  /** From the command to readiness, on a database with its schema. */
  double startSeconds() {
    return startSeconds;
  }

  /** What all have used so far. */
  Usage usage() throws IOException {
    return Usage.now(service.handle().pid(), servers.postgres().processes(), servers.brokerTime());
  }

  /** MiB that the service has in memory. @param what {@code VmRSS}, or {@code VmHWM} for the most that it had */
  double memory(String what) throws IOException {
    return Usage.memory(service.handle().pid(), what);
  }

  /** Bytes that the database has grown by since it held nothing but the definitions of R4. */
  long grownBytes() {
    return databaseBytes() - emptyBytes;
  }

  private long databaseBytes() {
    servers.jdbc().sql("vacuum analyze").update();
    return servers
        .jdbc()
        .sql("select pg_database_size(current_database())")
        .query(Long.class)
        .single();
  }

  /** The largest tables (with what is stored beside them) and indexes, in bytes. */
  Map<String, Long> largest() {
    Map<String, Long> bytes = new LinkedHashMap<>();
    servers.jdbc().sql("""
        select c.relname,
          case when c.relkind = 'i' then pg_relation_size(c.oid) else pg_table_size(c.oid) end as size
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'i')
        order by size desc limit 20
        """).query(row -> {
      bytes.put(row.getString(1), row.getLong(2));
    });
    return bytes;
  }

  /** How often each table with more than ten thousand rows was read from its begin to its end. */
  Map<String, Long> sequentialScans() {
    Map<String, Long> scans = new LinkedHashMap<>();
    servers.jdbc().sql("""
        select relname, seq_scan from pg_stat_user_tables where n_live_tup > 10000 order by relname
        """).query(row -> {
      scans.put(row.getString(1), row.getLong(2));
    });
    return scans;
  }

  @Override
  public void close() throws IOException {
    service.stop(); // and not killed, so that its JVM writes what it was told to record
    servers.close();
    Folders.delete(folder);
  }
}
