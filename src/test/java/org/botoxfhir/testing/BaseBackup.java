package org.botoxfhir.testing;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import org.botoxfhir.dev.DevelopmentPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * A copy of the files of a running PostgreSQL, made as its manual says under "Making a Base Backup Using the Low Level API": what
 * {@code pg_basebackup} does too, which the embedded PostgreSQL comes without. What a server does with the copy is up to the signal file and the
 * settings that are put into it before it is started.
 */
public final class BaseBackup {
  /** The running server's own, or made anew by each server. */
  private static final Set<String> NOT_COPIED =
      Set.of("postmaster.pid", "postmaster.opts", "epg-lock", "pg_internal.init");

  private static final Set<String> COPIED_EMPTY = Set.of(
      "pg_wal",
      "pg_replslot",
      "pg_dynshmem",
      "pg_notify",
      "pg_serial",
      "pg_snapshots",
      "pg_stat_tmp",
      "pg_subtrans");

  private BaseBackup() {}

  /**
   * Copies a server's files while it works.
   *
   * @param to does not exist
   */
  public static void take(DevelopmentPostgres server, Path to) throws IOException {
    // Its end has to come over the connection of its beginning.
    var session = new SingleConnectionDataSource(server.url(), true);
    try {
      JdbcClient jdbc = JdbcClient.create(session);
      jdbc.sql("select pg_backup_start('test', true)").query(String.class).single();
      copy(server.folder(), to);
      String label = jdbc.sql("select labelfile from pg_backup_stop(false)")
          .query(String.class)
          .single();
      Files.writeString(to.resolve("backup_label"), label);
    } finally {
      session.destroy();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.walkFileTree(from, new SimpleFileVisitor<>() {
      @Override
      public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes)
          throws IOException {
        Path copy = to.resolve(from.relativize(folder));
        // With the access rights, which PostgreSQL insists on.
        Files.copy(folder, copy, StandardCopyOption.COPY_ATTRIBUTES);
        if (folder.getFileName().toString().equals("pg_wal")) {
          Files.createDirectories(copy.resolve("archive_status"));
        }
        return from.equals(folder.getParent())
                && COPIED_EMPTY.contains(folder.getFileName().toString())
            ? FileVisitResult.SKIP_SUBTREE
            : FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
          throws IOException {
        if (!NOT_COPIED.contains(file.getFileName().toString())) {
          try {
            Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
          } catch (NoSuchFileException e) {
            // Deleted meanwhile, e.g. a table's; the log of the time of the copy says so too.
          }
        }
        return FileVisitResult.CONTINUE;
      }

      @Override
      public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
        if (failure instanceof NoSuchFileException) {
          return FileVisitResult.CONTINUE;
        }
        throw failure;
      }
    });
  }
}
