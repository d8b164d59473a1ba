package org.botoxfhir.validation;

import ca.uhn.fhir.context.FhirContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fault.Finding.Severity;
import org.botoxfhir.fhir.Canonical;
import org.botoxfhir.fhir.JsonNumbers;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.fhir.ShippedDefinitions;
import org.botoxfhir.resource.WriteCheck;
import org.botoxfhir.validation.ValidationSettings.Mode;
import org.botoxfhir.validation.ValidationTimers.Against;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.Resource;
import org.hl7.fhir.r4.model.StructureDefinition;
import org.springframework.stereotype.Component;

/**
 * What is written must conform to the profiles of ours that it claims, and to the one that its type needs; a resource of which neither
 * can be said to the structure of R4 and its required bindings ({@link StructureCheck}).
 */
@Component
final class ProfileCheck implements WriteCheck {
  private static final String PROFILE = Canonical.BASE + "/StructureDefinition/";

  private final FhirContext context;
  private final ValidationSettings settings;
  private final ResourceValidation validation;
  private final StructureCheck structure;
  private final ValidationTimers timers;

  /** Canonical URLs. */
  private final Set<String> ours = ShippedDefinitions.urls("StructureDefinition");

  ProfileCheck(
      FhirContext context,
      ValidationSettings settings,
      ResourceValidation validation,
      ValidationTimers timers) {
    this.context = context;
    this.settings = settings;
    this.validation = validation;
    this.structure = new StructureCheck(context);
    this.timers = timers;
    settings.requiredProfiles().forEach(this::requireOurs);
  }

  private void requireOurs(String type, String profile) {
    boolean fits = ours.contains(profile)
        && ShippedDefinitions.read(
                context,
                ShippedDefinitions.ofType("StructureDefinition")
                    .replace("*", profile.substring(PROFILE.length())))
            .stream()
            .allMatch(definition -> ((StructureDefinition) definition).getType().equals(type));
    if (!fits) {
      throw new IllegalStateException(
          "botox.validation.required-profiles.%s is '%s', which is no profile of ours of that type; ours are %s"
              .formatted(type, profile, new TreeSet<>(ours)));
    }
  }

  @Override
  public List<Finding> check(ResourceKey key, Resource resource, boolean lenient) {
    if (settings.mode() == Mode.OFF) {
      return List.of();
    }
    Set<String> profiles = new LinkedHashSet<>();
    List<Finding> findings = new ArrayList<>();
    for (CanonicalType claimed : resource.getMeta().getProfile()) {
      String canonical = claimed.getValue();
      if (canonical != null && canonical.startsWith(PROFILE)) {
        String url = canonical.replaceFirst("\\|.*", "");
        if (!ours.contains(url)) {
          findings.add(Finding.warning(
              "not-found",
              "the profile '%s' is unknown here, so it was not checked; GET StructureDefinition lists ours"
                  .formatted(canonical),
              key.type() + ".meta.profile"));
        } else {
          profiles.add(url);
        }
      }
    }
    Optional.ofNullable(settings.requiredProfiles().get(key.type())).ifPresent(profiles::add);
    if (profiles.isEmpty()) {
      findings.addAll(timers.time(Against.STRUCTURE, () -> structure.check(resource)));
    } else {
      findings.addAll(conformance(resource, profiles, lenient));
    }
    return settings.mode() == Mode.WARN
        ? findings.stream().map(ProfileCheck::warning).toList()
        : findings;
  }

  private List<Finding> conformance(Resource resource, Set<String> profiles, boolean lenient) {
    String json = context.newJsonParser().encodeResourceToString(resource);
    if (JsonNumbers.anyTooLarge(json)) {
      return List.of(); // not storable, and nothing that a validator should write out
    }
    Set<String> all = new LinkedHashSet<>(profiles);
    resource.getMeta().getProfile().forEach(claimed -> all.add(claimed.getValue()));
    List<Finding> found = lenient
        ? validation
            .conformanceNow(json, all)
            .orElseGet(() -> List.of(Finding.warning(
                "incomplete",
                "it was not checked against %s, which would have taken too long; $validate does it"
                    .formatted(String.join(", ", profiles)),
                resource.fhirType() + ".meta.profile")))
        : validation.conformance(json, all);
    return found.stream().filter(one -> one.severity() != Severity.INFORMATION).toList();
  }

  private static Finding warning(Finding finding) {
    return new Finding(
        Severity.WARNING, finding.code(), finding.text(), finding.expression(), finding.about());
  }
}
