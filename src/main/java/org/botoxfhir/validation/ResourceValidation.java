package org.botoxfhir.validation;

import ca.uhn.fhir.parser.DataFormatException;
import com.google.gson.JsonParseException;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.validation.ValidationTimers.Against;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.ApplicationRunner;
import org.springframework.stereotype.Component;

/**
 * Validates the text of resources with HAPI's validator, on the thread of the caller, as many at a time as the settings say. The
 * definitions are read beside the rest of the start, and readiness waits for them, unless writes are not validated: then they are read by
 * whoever validates first.
 */
@Component
public final class ResourceValidation implements ApplicationRunner {
  private final ValidationSettings settings;
  private final ValidationTimers timers;
  private final Semaphore turns;

  ResourceValidation(ValidationSettings settings, ValidationTimers timers) {
    this.settings = settings;
    this.timers = timers;
    turns = new Semaphore(settings.concurrency(), true);
    timers.waiting(turns::getQueueLength);
    if (settings.mode() != ValidationSettings.Mode.OFF) {
      ProfileValidator.shared();
    }
  }

  /** The end of the start: whoever is sent here because the service is ready need not wait for definitions. */
  @Override
  public void run(ApplicationArguments arguments) {
    if (settings.mode() != ValidationSettings.Mode.OFF) {
      ProfileValidator.shared().join();
    }
  }

  /**
   * What is wrong with a resource, or may be; none of severity error when it is valid.
   *
   * @param text the resource as JSON or XML
   * @param profile canonical URL of a profile that it must conform to beside those that it claims, or null
   * @throws FaultException with {@link Fault.Invalid} when the profile is unknown, with {@link Fault.ValidationBusy} when there is no
   *     outcome in time
   */
  public List<Finding> validate(String text, @Nullable String profile) {
    if (turns.availablePermits() == 0 && turns.getQueueLength() >= settings.waiting()) {
      throw busy();
    }
    ProfileValidator validator = ready();
    if (profile != null && !validator.knows(profile)) {
      throw new FaultException(Fault.invalid(
          "not-found",
          "the profile '%s' is unknown here; GET StructureDefinition lists ours".formatted(profile),
          null));
    }
    Set<String> profiles = new LinkedHashSet<>();
    if (profile != null) {
      profiles.add(profile);
    }
    profiles.addAll(ProfileValidator.claims(text));
    try {
      return inTurn(validator, text, profiles);
    } catch (JsonParseException | DataFormatException unreadable) {
      return List.of(Finding.error(
          "structure", "the text is neither JSON nor XML of a resource; it cannot be read", null));
    }
  }

  /**
   * The same of a resource that was read already.
   *
   * @param profiles those that it claims and those that it must conform to beside them
   * @throws FaultException with {@link Fault.ValidationBusy} when there is no outcome in time
   */
  List<Finding> conformance(String json, Collection<String> profiles) {
    return inTurn(ready(), json, profiles);
  }

  /** The same, but without waiting; empty when it would take that. */
  Optional<List<Finding>> conformanceNow(String json, Collection<String> profiles) {
    CompletableFuture<ProfileValidator> shared = ProfileValidator.shared();
    if (!shared.isDone() || shared.isCompletedExceptionally() || !turns.tryAcquire()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          timers.time(Against.PROFILE, () -> run(shared.resultNow(), json, profiles)));
    } finally {
      turns.release();
    }
  }

  private List<Finding> inTurn(
      ProfileValidator validator, String text, Collection<String> profiles) {
    return timers.time(Against.PROFILE, () -> awaitTurn(validator, text, profiles));
  }

  private List<Finding> awaitTurn(
      ProfileValidator validator, String text, Collection<String> profiles) {
    try {
      if (!turns.tryAcquire(settings.timeout().toMillis(), TimeUnit.MILLISECONDS)) {
        throw busy();
      }
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    }
    try {
      return run(validator, text, profiles);
    } finally {
      turns.release();
    }
  }

  private static List<Finding> run(
      ProfileValidator validator, String text, Collection<String> profiles) {
    try {
      return validator.validate(text, profiles).stream().map(Messages::finding).toList();
    } catch (StackOverflowError deep) {
      throw new FaultException(
          Fault.invalid("too-costly", "the resource is nested too deeply to be read", null));
    }
  }

  private ProfileValidator ready() {
    try {
      return ProfileValidator.shared().get(settings.timeout().toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException late) {
      throw busy();
    } catch (InterruptedException interrupted) {
      throw interrupted(interrupted);
    } catch (ExecutionException failed) {
      throw new IllegalStateException("the definitions cannot be read", failed.getCause());
    }
  }

  private FaultException busy() {
    return new FaultException(new Fault.ValidationBusy(settings.timeout()));
  }

  private static IllegalStateException interrupted(InterruptedException interrupted) {
    Thread.currentThread().interrupt();
    return new IllegalStateException(
        "interrupted while a resource was to be validated", interrupted);
  }
}
