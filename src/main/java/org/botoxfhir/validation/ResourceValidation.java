package org.botoxfhir.validation;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.parser.DataFormatException;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.ResultSeverityEnum;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import com.google.gson.JsonParseException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/**
 * Validates the text of resources with HAPI's validator. The definitions of R4 are read when the first resource is to be validated: they
 * take seconds and some two hundred megabytes, which a service that never validates does without.
 */
@Component
public final class ResourceValidation implements DisposableBean {
  private final ValidationSettings settings;
  private final ThreadPoolExecutor workers;
  private @Nullable Definitions definitions;

  ResourceValidation(ValidationSettings settings) {
    this.settings = settings;
    workers = new ThreadPoolExecutor(
        settings.concurrency(),
        settings.concurrency(),
        1,
        TimeUnit.MINUTES,
        new ArrayBlockingQueue<>(settings.waiting()),
        Thread.ofPlatform().daemon().name("validation-", 0).factory());
    workers.allowCoreThreadTimeOut(true);
  }

  private record Definitions(ValidationSupportChain support, FhirValidator validator) {}

  /**
   * What is wrong with a resource, or may be; none of severity error when it is valid.
   *
   * @param text the resource as JSON or XML
   * @param profile canonical URL of a profile that it must conform to beside those that it claims, or null
   * @throws FaultException with {@link Fault.Invalid} when the profile is unknown, with {@link Fault.ValidationBusy} when there is no
   *     outcome in time
   */
  public List<Finding> validate(String text, @Nullable String profile) {
    Future<List<Finding>> outcome;
    try {
      outcome = workers.submit(() -> run(text, profile));
    } catch (RejectedExecutionException full) {
      throw new FaultException(new Fault.ValidationBusy(settings.timeout()));
    }
    try {
      return outcome.get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      outcome.cancel(true);
      throw new FaultException(new Fault.ValidationBusy(settings.timeout()));
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a resource was validated", interrupted);
    } catch (ExecutionException failed) {
      throw switch (failed.getCause()) {
        case FaultException fault -> fault;
        case StackOverflowError deep ->
          new FaultException(
              Fault.invalid("too-costly", "the resource is nested too deeply to be read", null));
        case null, default -> new IllegalStateException("the validator failed", failed);
      };
    }
  }

  private List<Finding> run(String text, @Nullable String profile) {
    Definitions ready = definitions();
    ValidationOptions options = new ValidationOptions();
    if (profile != null) {
      if (ready.support().fetchStructureDefinition(profile) == null) {
        throw new FaultException(Fault.invalid(
            "not-found",
            "the profile '%s' is unknown here; GET StructureDefinition lists ours"
                .formatted(profile),
            null));
      }
      options.addProfile(profile);
    }
    try {
      return ready.validator().validateWithResult(text, options).getMessages().stream()
          .map(ResourceValidation::finding)
          .toList();
    } catch (JsonParseException | DataFormatException unreadable) {
      return List.of(Finding.error(
          "structure", "the text is neither JSON nor XML of a resource; it cannot be read", null));
    }
  }

  /** Only the first caller reads them; others wait for it. */
  private synchronized Definitions definitions() {
    if (definitions == null) {
      definitions = read();
    }
    return Objects.requireNonNull(definitions);
  }

  private static Definitions read() {
    // Not the context of the service: that one reads strictly and knows types by name only.
    FhirContext context = FhirContext.forR4();
    var shipped = new PrePopulatedValidationSupport(context);
    ShippedDefinitions.read(context, ShippedDefinitions.LOCATION).forEach(shipped::addResource);
    var unknownSystems = new UnknownCodeSystemWarningValidationSupport(context);
    unknownSystems.setNonExistentCodeSystemSeverity(
        ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity.WARNING);
    var support = new ValidationSupportChain(
        new DefaultProfileValidationSupport(context),
        shipped,
        new SnapshotGeneratingValidationSupport(context),
        new CommonCodeSystemsTerminologyService(context),
        new InMemoryTerminologyServerValidationSupport(context),
        unknownSystems);
    var structure = new FhirInstanceValidator(support);
    structure.setAnyExtensionsAllowed(true);
    structure.setErrorForUnknownProfiles(false);
    structure.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
    FhirValidator validator = context.newValidator();
    validator.registerValidatorModule(structure);
    return new Definitions(support, validator);
  }

  private static Finding finding(SingleValidationMessage message) {
    ResultSeverityEnum severity = message.getSeverity();
    String text = Objects.requireNonNullElse(message.getMessage(), "not valid");
    return switch (severity) {
      case FATAL, ERROR -> Finding.error("invalid", text, message.getLocationString());
      case WARNING -> Finding.warning("invalid", text, message.getLocationString());
      case INFORMATION -> Finding.information("informational", text, message.getLocationString());
    };
  }

  @Override
  public void destroy() {
    workers.shutdownNow();
  }
}
