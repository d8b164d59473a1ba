package org.botoxfhir.search;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.botoxfhir.benchmark.ServiceBeans;
import org.botoxfhir.store.IndexRows;
import org.hl7.fhir.r4.model.Resource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** From a resource to its index rows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class IndexRowExtractorBenchmark {
  @Param({"Patient", "Condition", "Procedure", "Observation", "QuestionnaireResponse"})
  public String type;

  private IndexRowExtractor extractor;
  private Resource resource;

  @Setup
  public void prepare() throws IOException {
    extractor = ServiceBeans.bean(IndexRowExtractor.class);
    resource = (Resource)
        FhirContext.forR4Cached().newJsonParser().parseResource(ServiceBeans.resource(type));
    resource.setId(type + "/made-up");
  }

  @Benchmark
  public IndexRows extract() {
    return extractor.extract(resource);
  }
}
