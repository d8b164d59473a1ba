import org.botoxfhir.benchmark.EventBenchmark;

/** Starts the benchmark; see {@code events} beside it. */
void main(String[] arguments) throws Exception {
  EventBenchmark.run(arguments);
  System.exit(0);
}
