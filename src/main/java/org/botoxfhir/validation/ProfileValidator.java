package org.botoxfhir.validation;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.util.XmlUtil;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain.CacheConfiguration;
import org.hl7.fhir.common.hapi.validation.validator.WorkerContextValidationSupportAdapter;
import org.hl7.fhir.r5.elementmodel.Manager.FhirFormat;
import org.hl7.fhir.r5.model.StructureDefinition;
import org.hl7.fhir.utilities.i18n.I18nConstants;
import org.hl7.fhir.utilities.validation.ValidationMessage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import org.xml.sax.SAXException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * The definitions of R4 and ours, and validators over them. They never change while a process runs, and so it has them once, however
 * often the service is started in it.
 */
final class ProfileValidator {
  private static final Logger LOG = LoggerFactory.getLogger(ProfileValidator.class);

  /** Codes whose membership of a value set is known without looking again; each usually some 300 bytes. */
  private static final int REMEMBERED_CODES = 5000;

  /** Characters of resources after which the codes are forgotten: somebody may send large ones, and all of them are remembered. */
  private static final long REMEMBERED_TEXT = 32_000_000;

  /** A validator that has served so often is replaced: whatever it may still remember of what was sent has an end. */
  private static final int LONGEST_SERVICE = 10_000;

  private static final String MIME_TYPES = "http://hl7.org/fhir/ValueSet/mimetypes";

  private static final JsonMapper JSON = JsonMapper.shared();

  private static @Nullable CompletableFuture<ProfileValidator> shared;

  private final ValidationSupportChain support;
  private final WorkerContextValidationSupportAdapter worker;
  private final AtomicLong rememberedText = new AtomicLong();

  /** As many as were ever at work at the same time. */
  private final Deque<ReusableValidator> idle = new ArrayDeque<>();

  private ProfileValidator(ValidationSupportChain support) {
    this.support = support;
    this.worker =
        WorkerContextValidationSupportAdapter.newVersionSpecificWorkerContextWrapper(support);
  }

  /** The one of this process; the first who asks has the definitions read in the background. */
  static synchronized CompletableFuture<ProfileValidator> shared() {
    CompletableFuture<ProfileValidator> there = shared;
    if (there == null) {
      there = new CompletableFuture<>();
      shared = there;
      Thread.ofPlatform().daemon().name("validation-definitions").start(new Reading(there));
    }
    return there;
  }

  private record Reading(CompletableFuture<ProfileValidator> outcome) implements Runnable {
    @Override
    public void run() {
      try {
        long start = System.nanoTime();
        // Not the context of the service: that one reads strictly and knows types by name only.
        FhirContext context = FhirContext.forR4();
        ProfileValidator validator =
            new ProfileValidator(support(context, new R4Definitions(context)));
        validator.warmUp();
        LOG.info(
            "definitions for validation read in {} ms", (System.nanoTime() - start) / 1_000_000);
        outcome.complete(validator);
      } catch (RuntimeException | Error broken) {
        LOG.error("the definitions for validation cannot be read", broken);
        outcome.completeExceptionally(broken);
      }
    }
  }

  /** Validates an example of each profile, so that no client waits for what these need to be read. */
  private void warmUp() {
    try {
      for (Resource example : new PathMatchingResourcePatternResolver()
          .getResources("classpath:fhir-profiles/example/*-*.json")) {
        String text = example.getContentAsString(StandardCharsets.UTF_8);
        validate(text, claims(text));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything that the validator asks, over some source of R4's definitions. */
  static ValidationSupportChain support(FhirContext context, IValidationSupport r4) {
    var shipped = new PrePopulatedValidationSupport(context);
    ShippedDefinitions.read(context, ShippedDefinitions.LOCATION).forEach(shipped::addResource);
    var unknownSystems = new UnknownCodeSystemWarningValidationSupport(context);
    unknownSystems.setNonExistentCodeSystemSeverity(IValidationSupport.IssueSeverity.WARNING);
    return new ValidationSupportChain(
            // Nothing in it goes out of date, and refreshing it would take a thread of its own.
            CacheConfiguration.defaultValues()
                .setCacheTimeout(Duration.ofDays(3650))
                .setCacheSize(REMEMBERED_CODES),
            r4,
            shipped,
            new SnapshotGeneratingValidationSupport(context),
            new CommonCodeSystemsTerminologyService(context),
            new InMemoryTerminologyServerValidationSupport(context),
            unknownSystems)
        // R4 terminologies.html#strength: of several codings one must be of the value set; others
        // translate it.
        .setCodeableConceptValidationSuccessfulIfNotAllCodingsAreValid(true);
  }

  /** Whether there is a profile of this canonical URL. */
  boolean knows(String profile) {
    return support.fetchStructureDefinition(profile) != null;
  }

  /** The profiles that a resource claims, as far as it can be read. */
  static List<String> claims(String text) {
    List<String> claims = new ArrayList<>();
    try {
      if (EncodingEnum.detectEncoding(text) == EncodingEnum.XML) {
        NodeList profiles = XmlUtil.parseDocument(text).getElementsByTagName("profile");
        for (int i = 0; i < profiles.getLength(); i++) {
          Element profile = (Element) profiles.item(i);
          Node parent = profile.getParentNode();
          if (parent.getNodeName().equals("meta")
              && parent.getParentNode() == profile.getOwnerDocument().getDocumentElement()) {
            claims.add(profile.getAttribute("value"));
          }
        }
      } else {
        JSON.readTree(text).at("/meta/profile").forEach(claim -> claims.add(claim.asString("")));
      }
    } catch (JacksonException | SAXException | IOException unreadable) {
      // what is wrong with it, the validator says
    }
    return claims;
  }

  /**
   * Validates a resource against the definition of its type and those of the profiles that are known.
   *
   * @param text JSON or XML
   * @param profiles canonical URLs; those that the resource claims must be among them
   */
  List<ValidationMessage> validate(String text, Collection<String> profiles) {
    FhirFormat format =
        EncodingEnum.detectEncoding(text) == EncodingEnum.XML ? FhirFormat.XML : FhirFormat.JSON;
    List<StructureDefinition> definitions = new ArrayList<>();
    for (String profile : profiles) {
      Optional.ofNullable(worker.fetchResource(StructureDefinition.class, profile))
          .ifPresent(definitions::add);
    }
    if (rememberedText.addAndGet(text.length()) > REMEMBERED_TEXT) {
      rememberedText.set(0);
      support.invalidateExpiringCaches();
    }
    ReusableValidator validator = borrow();
    List<ValidationMessage> messages = validator.validate(text, format, definitions);
    giveBack(validator);
    return messages.stream().filter(message -> !saysNothing(message)).toList();
  }

  /** What HAPI leaves out as well: that there is no value set, or that any media type may stand there. */
  private static boolean saysNothing(ValidationMessage message) {
    String kind = message.getMessageId();
    return kind != null
        && (kind.equals(I18nConstants.TERMINOLOGY_TX_BINDING_NOSOURCE)
            || (kind.equals(I18nConstants.TERMINOLOGY_TX_VALUESET_NOTFOUND)
                && message.getMessage().contains(MIME_TYPES)));
  }

  private ReusableValidator borrow() {
    ReusableValidator validator;
    synchronized (idle) {
      validator = idle.poll();
    }
    return validator == null ? new ReusableValidator(worker) : validator;
  }

  /** One that failed is never given back. */
  private void giveBack(ReusableValidator validator) {
    synchronized (idle) {
      if (validator.uses() < LONGEST_SERVICE) {
        idle.push(validator);
      }
    }
  }
}
