package org.botoxfhir.bundle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ca.uhn.fhir.context.FhirContext;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.botoxfhir.bundle.Entry.Target;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.botoxfhir.patch.Patches;
import org.hl7.fhir.r4.model.Binary;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.Observation;
import org.hl7.fhir.r4.model.Parameters;
import org.hl7.fhir.r4.model.Patient;
import org.hl7.fhir.r4.model.Resource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntryReaderTest {

  private final Bundle bundle = new Bundle().setType(BundleType.TRANSACTION);

  @Test
  void everyThingThatIsWrongIsSaidAtOnceWithItsEntryAndTheWayOut() {
    entry(HTTPVerb.POST, "Observation", new Patient());
    entry(HTTPVerb.PUT, "Patient/1", new Patient());
    bundle.addEntry().setResource(new Patient());
    entry(HTTPVerb.POST, "Patient", null);

    assertThat(invalid())
        .extracting(Finding::expression)
        .containsExactly(
            "Bundle.entry[0].request.url",
            "Bundle.entry[1].resource.id",
            "Bundle.entry[2].request.method",
            "Bundle.entry[3].resource");
    assertThat(invalid())
        .extracting(Finding::text)
        .containsExactly(
            "Bundle.entry[0].request.url of a POST must be the type of the resource, 'Patient'",
            "Bundle.entry[1].resource.id must be '1', as in request.url",
            "Bundle.entry[2].request.method is missing; say what to do with the entry: GET, HEAD, POST, PUT, PATCH or DELETE",
            "Bundle.entry[3].resource is missing; a POST needs one");
  }

  @ParameterizedTest
  @EnumSource(
      value = HTTPVerb.class,
      names = {"PUT", "DELETE"})
  void anUpdateOrDeletionByCriteriaIsAboutWhatTheyMatch(HTTPVerb method) {
    entry(method, "Patient?identifier=https://example.org/mrn|1", patient("1"));

    Entry entry = read().getFirst();

    assertThat(
            entry instanceof Entry.Update update
                ? update.target()
                : ((Entry.Delete) entry).target())
        .isEqualTo(new Target.Matching("Patient?identifier=https://example.org/mrn|1"));
  }

  @Test
  void aPatchIsABinaryOfJsonPatchOrParametersAndNothingElse() {
    entry(
        HTTPVerb.PATCH,
        "Patient/1",
        new Binary().setContentType("application/json-patch+json").setData("[]".getBytes(UTF_8)));
    entry(HTTPVerb.PATCH, "Patient/2", new Parameters());
    assertThat(read()).hasOnlyElementsOfType(Entry.Change.class);

    entry(HTTPVerb.PATCH, "Patient/3", patient("3"));
    entry(
        HTTPVerb.PATCH,
        "Patient/4",
        new Binary().setContentType("text/plain").setData("[]".getBytes(UTF_8)));
    entry(
        HTTPVerb.PATCH,
        "Patient/5",
        new Binary().setContentType("application/json-patch+json").setData("no".getBytes(UTF_8)));
    assertThat(invalid())
        .extracting(Finding::expression)
        .containsExactly("Bundle.entry[2].resource", "Bundle.entry[3].resource", "Bundle.entry[4]");
  }

  @Test
  void theSameMayBeReadTwice() {
    entry(HTTPVerb.GET, "Patient/1", null).getRequest().setIfNoneMatch("W/\"1\"");
    entry(HTTPVerb.HEAD, "Patient/1", null);

    assertThat(read())
        .containsExactly(
            new Entry.Read(
                0, null, new Reads.Request("Patient/1", Reads.Method.GET, null, "W/\"1\"", null)),
            new Entry.Read(
                1, null, new Reads.Request("Patient/1", Reads.Method.HEAD, null, null, null)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Patient",
        "Patient?",
        "Patient/1/_history/1",
        "Patient/a_b",
        "https://example.org/fhir/Patient/1",
        ""
      })
  void anUpdateNeedsTypeAndId(String url) {
    entry(HTTPVerb.PUT, url, patient("1"));

    assertThat(invalid())
        .extracting(Finding::text)
        .containsExactly(
            "Bundle.entry[0].request.url of a PUT must be '[type]/[id]' or '[type]?[criteria]'");
  }

  @Test
  void anUpdateOfAnotherTypeThanItsUrlIsInvalid() {
    entry(HTTPVerb.PUT, "Observation/1", patient("1"));

    assertThat(invalid())
        .extracting(Finding::text)
        .containsExactly(
            "Bundle.entry[0].request.url is for Observation, the resource is Patient; make them agree");
  }

  @Test
  void aConditionThatCannotHoldForTheMethodIsInvalidRatherThanForgotten() {
    entry(HTTPVerb.POST, "Patient", new Patient()).getRequest().setIfMatch("W/\"1\"");
    entry(HTTPVerb.PUT, "Patient/1", patient("1")).getRequest().setIfNoneExist("identifier=1");
    entry(HTTPVerb.POST, "Patient", new Patient())
        .getRequest()
        .setIfNoneExist("Observation?code=1");
    entry(HTTPVerb.PUT, "Patient/2", patient("2")).getRequest().setIfMatch("2");
    entry(HTTPVerb.PUT, "Patient/3", patient("3")).getRequest().setIfNoneMatch("W/\"1\"");
    entry(HTTPVerb.PUT, "Patient?identifier=4", patient("4")).getRequest().setIfNoneMatch("*");

    assertThat(invalid())
        .extracting(Finding::expression)
        .containsExactly(
            "Bundle.entry[0].request.ifMatch",
            "Bundle.entry[1].request.ifNoneExist",
            "Bundle.entry[2].request.ifNoneExist",
            "Bundle.entry[3].request.ifMatch",
            "Bundle.entry[4].request.ifNoneMatch",
            "Bundle.entry[5].request.ifNoneMatch");
  }

  @Test
  void noTwoEntriesMayBeAboutTheSameThing() {
    entry(HTTPVerb.POST, "Patient", new Patient())
        .setFullUrl("urn:uuid:1")
        .getRequest()
        .setIfNoneExist("identifier=1");
    entry(HTTPVerb.POST, "Patient", new Patient()).setFullUrl("urn:uuid:1");
    entry(HTTPVerb.POST, "Patient", new Patient())
        .getRequest()
        .setIfNoneExist("Patient?identifier=1");
    entry(HTTPVerb.PUT, "Patient/1", patient("1"));
    entry(HTTPVerb.DELETE, "Patient/1", null);

    assertThat(invalid()).extracting(Finding::code).containsOnly("duplicate");
    assertThat(invalid())
        .extracting(Finding::expression)
        .containsExactly(
            "Bundle.entry[1].fullUrl",
            "Bundle.entry[2].request.ifNoneExist",
            "Bundle.entry[4].request.url");
    assertThat(invalid())
        .last()
        .extracting(Finding::text)
        .asString()
        .startsWith("Bundle.entry[3] and Bundle.entry[4] have the same Patient/1");
  }

  @Test
  void twoResourcesOfTheSameIdentityAreOneTooMany() {
    entry(HTTPVerb.POST, "Observation", new Observation());
    entry(HTTPVerb.POST, "Observation", new Observation());

    var thrown = catchThrowableOfType(
        FaultException.class,
        () -> reader(resource -> Optional.of("Observation?identifier=1")).readAll(bundle));

    assertThat(((Fault.Invalid) thrown.fault()).findings())
        .extracting(Finding::expression)
        .containsExactly("Bundle.entry[1].resource");
  }

  @Test
  void aConditionIsTheSameWithAndWithoutItsType() {
    entry(HTTPVerb.POST, "Patient", new Patient()).getRequest().setIfNoneExist("identifier=1");
    entry(HTTPVerb.POST, "Patient", new Patient())
        .getRequest()
        .setIfNoneExist("Patient?identifier=2");
    entry(HTTPVerb.POST, "Patient", new Patient()).getRequest().setIfNoneExist("?identifier=3");

    assertThat(read())
        .map(entry -> ((Entry.Create) entry).ifNoneExist())
        .containsExactly("Patient?identifier=1", "Patient?identifier=2", "Patient?identifier=3");
  }

  @Test
  void updateAndDeletionCarryTheirKeyAndTheVersionThatMustBeCurrent() {
    Patient patient = patient("1");
    entry(HTTPVerb.PUT, "Patient/1", patient).getRequest().setIfMatch("W/\"3\"");
    entry(HTTPVerb.DELETE, "Patient/2", null).getRequest().setIfMatch("\"4\"");
    entry(HTTPVerb.DELETE, "Patient/3", null);

    assertThat(read())
        .containsExactly(
            new Entry.Update(0, null, one("1"), patient, "3", false),
            new Entry.Delete(1, null, one("2"), "4"),
            new Entry.Delete(2, null, one("3"), null));
  }

  private BundleEntryComponent entry(HTTPVerb method, String url, @Nullable Resource resource) {
    BundleEntryComponent entry = bundle.addEntry();
    entry.getRequest().setMethod(method).setUrl(url);
    if (resource != null) {
      entry.setResource(resource);
    }
    return entry;
  }

  private static Patient patient(String id) {
    Patient patient = new Patient();
    patient.setId(id);
    return patient;
  }

  private List<Entry> read() {
    return reader(resource -> Optional.empty()).readAll(bundle);
  }

  private static EntryReader reader(Function<Resource, Optional<String>> identity) {
    return new EntryReader(identity, new Patches(FhirContext.forR4Cached()), type -> false);
  }

  private static Target one(String id) {
    return new Target.One(new ResourceKey("Patient", id));
  }

  private List<Finding> invalid() {
    return ((Fault.Invalid) fault()).findings();
  }

  private Fault fault() {
    return catchThrowableOfType(FaultException.class, this::read).fault();
  }
}
