package org.botoxfhir.resource;

import ca.uhn.fhir.context.FhirContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.botoxfhir.benchmark.ServiceBeans;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.StrictJson;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.Resource;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What becomes of the body of a write: it is checked, parsed and encoded as it will be served. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class JsonBenchmark {
  private static final ResourceKey KEY = new ResourceKey("Procedure", "made-up");
  private static final Instant TIME = Instant.parse("2026-11-22T12:00:00.123Z");

  private Json json;
  private FhirContext context;
  private byte[] body;
  private Resource resource;
  private StoredVersion version;

  @Setup
  public void prepare() throws IOException {
    json = ServiceBeans.bean(Json.class);
    context = FhirContext.forR4Cached();
    body = ServiceBeans.resource("Procedure").getBytes(StandardCharsets.UTF_8);
    resource =
        (Resource) context.newJsonParser().parseResource(new String(body, StandardCharsets.UTF_8));
    byte[] content = encode().getBytes(StandardCharsets.UTF_8);
    version = new StoredVersion(KEY, 1, TIME, false, null, content);
  }

  @Benchmark
  public byte[] check() {
    StrictJson.check(context, body);
    return body;
  }

  @Benchmark
  public Resource parse() {
    return json.parse(version);
  }

  @Benchmark
  public final String encode() {
    return json.encode(resource, KEY, 1, TIME);
  }
}
