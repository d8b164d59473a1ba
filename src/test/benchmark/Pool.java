import org.botoxfhir.benchmark.PoolBenchmark;

/** Starts the benchmark; see {@code pool} beside it. */
void main(String[] arguments) throws Exception {
  PoolBenchmark.run(arguments);
  System.exit(0);
}
