package org.botoxfhir.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * Processor time that was used until a moment, in seconds of one core, as Linux counts it.
 *
 * @param moment {@link System#nanoTime}
 * @param machine of everything on the machine, and of what its host kept from it
 * @param database of the server and all processes that it has or had
 * @param load of this process
 */
record Usage(
    long moment, double machine, double service, double database, double broker, double load) {
  /** Of the kernel's interface, whatever the kernel's own clock is. */
  private static final double TICKS_PER_SECOND = 100;

  private static final Path PROCESSES = Path.of("/proc");

  /** @param servers the database's processes, its postmaster first */
  static Usage now(long service, List<ProcessHandle> servers, Duration broker) throws IOException {
    double database = 0;
    for (int i = 0; i < servers.size(); i++) {
      database += ofProcess(servers.get(i).pid(), i == 0);
    }
    return new Usage(
        System.nanoTime(),
        ofMachine(Files.readString(PROCESSES.resolve("stat"))),
        ofProcess(service, false),
        database,
        broker.toMillis() / 1e3,
        ofProcess(ProcessHandle.current().pid(), false));
  }

  /** Seconds between the moments. */
  double seconds(Usage before) {
    return (moment - before.moment) / 1e9;
  }

  /** What all but service, database, broker and this process took, in percent of one core. */
  double otherPercent(Usage before) {
    double others = machine
        - before.machine
        - (service - before.service)
        - (database - before.database)
        - (broker - before.broker)
        - (load - before.load);
    return 100 * Math.max(0, others) / seconds(before);
  }

  /** @param ended whether that of its children that have ended counts, too */
  private static double ofProcess(long pid, boolean ended) throws IOException {
    try {
      return ofProcess(Files.readString(PROCESSES.resolve(pid + "/stat")), ended);
    } catch (IOException e) {
      if (ProcessHandle.of(pid).isPresent()) {
        throw e;
      }
      return 0; // a worker of the database that has ended; what it used is the postmaster's now
    }
  }

  /** @param stat line of {@code /proc/[pid]/stat}; the name in it may hold anything */
  static double ofProcess(String stat, boolean ended) {
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return Arrays.stream(fields, 11, ended ? 15 : 13).mapToLong(Long::parseLong).sum()
        / TICKS_PER_SECOND;
  }

  /** @param stat {@code /proc/stat}: user, nice, system, idle, waiting, interrupts (2), stolen */
  static double ofMachine(String stat) {
    String[] fields = stat.lines().findFirst().orElseThrow().split(" +");
    long busy = 0;
    for (int field : new int[] {1, 2, 3, 6, 7, 8}) {
      busy += Long.parseLong(fields[field]);
    }
    return busy / TICKS_PER_SECOND;
  }

  /** Resident memory of a process, and the most that it ever had ({@code VmHWM}), in MiB. @param what {@code VmRSS} or {@code VmHWM} */
  static double memory(long pid, String what) throws IOException {
    OptionalLong kilobytes = Files.readAllLines(PROCESSES.resolve(pid + "/status")).stream()
        .filter(line -> line.startsWith(what + ":"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst();
    return kilobytes.orElseThrow() / 1024.0;
  }
}
