package org.botoxfhir.rest;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.botoxfhir.benchmark.ServiceBeans;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Bundle;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** A page of a search, spliced from stored bytes. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class BundleJsonBenchmark {
  private static final String BASE = "http://127.0.0.1:8080/fhir";

  private List<StoredVersion> page;

  @Setup
  public void prepare() {
    byte[] content = ServiceBeans.resource("Procedure").getBytes(StandardCharsets.UTF_8);
    Instant time = Instant.parse("2026-11-22T12:00:00.123Z");
    page = IntStream.range(0, 20)
        .mapToObj(i -> new StoredVersion(
            new ResourceKey("Procedure", "made-up-" + i), 1, time, false, null, content))
        .toList();
  }

  @Benchmark
  public Bundle pageOfTwenty() {
    var bundle = new BundleJson(
        "searchset", OptionalLong.empty(), Map.of("self", BASE + "/Procedure?_count=20"));
    page.forEach(version -> bundle.match(BASE, version));
    return bundle.bundle();
  }
}
