package org.botoxfhir.definition;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.util.VersionUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.xml.stream.XMLStreamException;
import org.botoxfhir.background.BackgroundThread;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ServedTypes;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.resource.Write;
import org.botoxfhir.resource.WriteDerivation;
import org.botoxfhir.security.Access;
import org.botoxfhir.store.DefinitionSetTable;
import org.hl7.fhir.r4.model.MetadataResource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;
import tools.jackson.databind.JsonNode;

/**
 * Stores the code systems and value sets of R4, once for each edition of them, while the service works already. A few at a time, each a
 * resource like any other; one that is there unchanged makes no new version. So a replica that dies half-way is followed by one that
 * goes on, and replicas at the same time do no more than wait for each other.
 */
@Component
class R4DefinitionLoader extends BackgroundThread {
  private static final Logger LOG = LoggerFactory.getLogger(R4DefinitionLoader.class);
  static final String SET = "hl7.fhir.r4.core";

  /** The definitions come with HAPI. Another number where this class makes other resources of them. */
  static final String EDITION = VersionUtil.getVersion() + "/1";

  private static final List<String> FILES =
      List.of("valuesets.xml", "v3-codesystems.xml", "v2-tables.xml");

  /** In a transaction. */
  private static final int BATCH = 100;

  /** What an id begins with that R4 and another definition on file both have. */
  private static final String PREFIX = "r4-";

  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final FhirContext context;
  private final Resources resources;
  private final ServedTypes types;
  private final DefinitionSetTable sets;
  private final R4Settings settings;

  R4DefinitionLoader(
      FhirContext context,
      Resources resources,
      ServedTypes types,
      DefinitionSetTable sets,
      R4Settings settings) {
    super("r4-definitions");
    this.context = context;
    this.resources = resources;
    this.types = types;
    this.sets = sets;
    this.settings = settings;
  }

  /** Before the first request: until all are stored, what is not on file may be among them. */
  @Override
  public synchronized void start() {
    if (!settings.load()) {
      sets.withdraw(SET);
    } else if (sets.announce(SET, EDITION)) {
      super.start();
    }
  }

  @Override
  protected void run() {
    try {
      while (!attempt()) {
        Thread.sleep(PAUSE);
      }
    } catch (InterruptedException stopped) {
      LOG.info("R4's definitions are stored in part; the next start goes on");
    } catch (RuntimeException | IOException | XMLStreamException defect) {
      LOG.error("R4's definitions cannot be stored; what they hold is answered 503", defect);
    }
  }

  /** @return whether there is nothing left to do */
  private boolean attempt() throws IOException, XMLStreamException, InterruptedException {
    try {
      load(FILES);
      return true;
    } catch (DataAccessException | TransactionException away) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedException();
      }
      LOG.warn(
          "R4's definitions cannot be stored now, which is tried again ({})",
          away.getClass().getSimpleName());
      return false;
    }
  }

  /** Stores what is not on file yet. @param files bundles of R4's definitions */
  void load(List<String> files) throws IOException, XMLStreamException, InterruptedException {
    long begin = System.nanoTime();
    int definitions = 0;
    for (String file : files) {
      if (sets.complete(SET, EDITION)) {
        return; // another replica was faster
      }
      try (var bundle = new R4Bundle(context, file)) {
        List<MetadataResource> batch = batch(bundle);
        while (!batch.isEmpty()) {
          store(batch);
          definitions += batch.size();
          batch = batch(bundle);
        }
      }
    }
    sets.finish(SET, EDITION);
    LOG.info(
        "{} definitions of R4 are on file, after {} ms",
        definitions,
        Duration.ofNanos(System.nanoTime() - begin).toMillis());
  }

  private List<MetadataResource> batch(R4Bundle bundle) throws XMLStreamException {
    List<MetadataResource> batch = new ArrayList<>();
    while (batch.size() < BATCH) {
      MetadataResource definition = bundle.next();
      if (definition == null) {
        return batch;
      }
      if (types.serves(definition.fhirType())) {
        batch.add(definition);
      }
    }
    return batch;
  }

  private void store(List<MetadataResource> definitions) throws InterruptedException {
    while (true) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      try {
        resources.transaction(Access.SERVICE, transaction -> {
          WriteDerivation.OnFile onFile = resources.onFile(Access.SERVICE, List.of());
          return transaction.write(
              definitions.stream().map(one -> write(onFile, one.copy())).toList());
        });
        return;
      } catch (FaultException e) {
        boolean faster = e.fault() instanceof Fault.Contention
            || e.fault() instanceof Fault.Taken
            || e.fault() instanceof Fault.VersionConflict;
        if (!faster) {
          throw new IllegalStateException("a definition of R4 is refused: " + e.fault(), e);
        }
      }
    }
  }

  /** Under the id that R4 gives it, unless something else has that. */
  private static Write write(WriteDerivation.OnFile onFile, MetadataResource definition) {
    String id = definition.getIdElement().getIdPart();
    for (String candidate : List.of(id, PREFIX + id)) {
      var key = new ResourceKey(definition.fhirType(), candidate);
      Optional<WriteDerivation.StoredRecord> current = onFile.read(key);
      if (current.isEmpty()) {
        return new Write.First(key, definition);
      }
      JsonNode other = current.get().json();
      if (definition.getUrl().equals(other.path("url").stringValue(null))) {
        return new Write.Update(
            key, definition, other.path("meta").path("versionId").stringValue());
      }
    }
    throw new IllegalStateException(
        "%s/%s and the same with '%s' before the id are other definitions"
            .formatted(definition.fhirType(), id, PREFIX));
  }
}
