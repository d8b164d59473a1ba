package org.botoxfhir.rest;

import ca.uhn.fhir.rest.annotation.IdParam;
import ca.uhn.fhir.rest.annotation.Operation;
import ca.uhn.fhir.rest.annotation.OperationParam;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.resource.Resources;
import org.botoxfhir.store.StoredVersion;
import org.hl7.fhir.r4.model.CanonicalType;
import org.hl7.fhir.r4.model.Coding;
import org.hl7.fhir.r4.model.IdType;
import org.hl7.fhir.r4.model.Meta;
import org.hl7.fhir.r4.model.Parameters;
import org.jspecify.annotations.Nullable;

/** {@code $meta-add} and {@code $meta-delete} beside {@code $meta}. */
final class MetaChangeProvider extends MetaProvider {

  MetaChangeProvider(StoredAnswers answers, Resources resources, String type) {
    super(answers, resources, type);
  }

  /** R4 resource-operation-meta-add.html. */
  @Operation(name = "$meta-add")
  public Parameters add(
      @IdParam IdType id,
      @OperationParam(name = "meta") @Nullable Meta given,
      RequestDetails request) {
    Meta more = checked(given);
    return change(id, request, meta -> {
      more.getProfile().stream()
          .map(CanonicalType::getValue)
          .filter(profile -> !meta.hasProfile(profile))
          .forEach(meta::addProfile);
      add(meta.getTag(), more.getTag());
      add(meta.getSecurity(), more.getSecurity());
    });
  }

  /** R4 resource-operation-meta-delete.html. */
  @Operation(name = "$meta-delete")
  public Parameters delete(
      @IdParam IdType id,
      @OperationParam(name = "meta") @Nullable Meta given,
      RequestDetails request) {
    Meta less = checked(given);
    return change(id, request, meta -> {
      meta.getProfile().removeIf(profile -> less.hasProfile(profile.getValue()));
      meta.getTag().removeIf(tag -> isAmong(less.getTag(), tag));
      meta.getSecurity().removeIf(label -> isAmong(less.getSecurity(), label));
    });
  }

  private Parameters change(IdType id, RequestDetails request, Consumer<Meta> change) {
    StoredVersion changed = resources.changeMeta(
        ReadOnlyProvider.access(request),
        ReadOnlyProvider.key(type, id),
        id.getVersionIdPart(),
        change);
    Trails.of(request).changed(changed);
    return answer(answers.parse(changed));
  }

  private static void add(List<Coding> present, List<Coding> more) {
    more.stream().filter(one -> !isAmong(present, one)).forEach(present::add);
  }

  private static boolean isAmong(List<Coding> codings, Coding wanted) {
    return codings.stream()
        .anyMatch(one -> Objects.equals(one.getSystem(), wanted.getSystem())
            && Objects.equals(one.getCode(), wanted.getCode()));
  }

  private static Meta checked(@Nullable Meta given) {
    if (given == null) {
      throw new FaultException(Fault.invalid(
          "required",
          "the request has no meta; send Parameters with a parameter 'meta' of datatype Meta",
          null));
    }
    if (given.hasVersionId()
        || given.hasLastUpdated()
        || given.hasSource()
        || given.hasExtension()) {
      throw new FaultException(Fault.invalid(
          "not-supported",
          "only profile, tag and security can be added or removed; leave out the rest of meta",
          "meta"));
    }
    return given;
  }
}
