import org.botoxfhir.synthea.SyntheaLoad;

/** Starts the loader; see {@code load} beside it. */
void main(String[] arguments) throws Exception {
  System.exit(SyntheaLoad.run(arguments));
}
