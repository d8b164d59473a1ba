import org.botoxfhir.benchmark.FhirBenchmark;

/** Starts the benchmark; see {@code fhir} beside it. */
void main(String[] arguments) throws Exception {
  FhirBenchmark.run(arguments);
  System.exit(0);
}
