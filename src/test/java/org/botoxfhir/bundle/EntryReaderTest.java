package org.botoxfhir.bundle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Optional;
import org.botoxfhir.fault.Fault;
import org.botoxfhir.fault.FaultException;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.fhir.ResourceKey;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.Bundle.BundleEntryComponent;
import org.hl7.fhir.r4.model.Bundle.BundleType;
import org.hl7.fhir.r4.model.Bundle.HTTPVerb;
import org.hl7.fhir.r4.model.Observation;
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
            "Bundle.entry[2].request.method is missing; say what to do with the entry: POST, PUT or DELETE",
            "Bundle.entry[3].resource is missing; a POST needs one");
  }

  @ParameterizedTest
  @EnumSource(
      value = HTTPVerb.class,
      names = {"GET", "HEAD", "PATCH"})
  void methodsThatAreNotCarriedOutHereAreRefusedByName(HTTPVerb method) {
    entry(method, "Patient/1", null);

    assertThat(refused()).singleElement().satisfies(finding -> {
      assertThat(finding.code()).isEqualTo("not-supported");
      assertThat(finding.text()).contains("Bundle.entry[0].request.method is " + method.toCode());
    });
  }

  @ParameterizedTest
  @EnumSource(
      value = HTTPVerb.class,
      names = {"PUT", "DELETE"})
  void anUpdateOrDeletionByCriteriaIsRefusedAndNotTakenForAnId(HTTPVerb method) {
    entry(method, "Patient?identifier=https://example.org/mrn|1", patient("1"));

    assertThat(refused())
        .extracting(Finding::expression)
        .containsExactly("Bundle.entry[0].request.url");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Patient",
        "Patient/1/_history/1",
        "Patient/a_b",
        "https://example.org/fhir/Patient/1",
        ""
      })
  void anUpdateNeedsTypeAndId(String url) {
    entry(HTTPVerb.PUT, url, patient("1"));

    assertThat(invalid())
        .extracting(Finding::text)
        .containsExactly("Bundle.entry[0].request.url of a PUT must be '[type]/[id]'");
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
    entry(HTTPVerb.PUT, "Patient/3", patient("3")).getRequest().setIfNoneMatch("*");

    assertThat(invalid())
        .extracting(Finding::expression)
        .containsExactly(
            "Bundle.entry[0].request.ifMatch",
            "Bundle.entry[1].request.ifNoneExist",
            "Bundle.entry[2].request.ifNoneExist",
            "Bundle.entry[3].request.ifMatch",
            "Bundle.entry[4].request");
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
        () -> EntryReader.read(bundle, resource -> Optional.of("Observation?identifier=1")));

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
            new Entry.Update(0, null, new ResourceKey("Patient", "1"), patient, "3"),
            new Entry.Delete(1, null, new ResourceKey("Patient", "2"), "4"),
            new Entry.Delete(2, null, new ResourceKey("Patient", "3"), null));
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
    return EntryReader.read(bundle, resource -> Optional.empty());
  }

  private List<Finding> invalid() {
    return ((Fault.Invalid) fault()).findings();
  }

  private List<Finding> refused() {
    return ((Fault.Refused) fault()).findings();
  }

  private Fault fault() {
    return catchThrowableOfType(FaultException.class, this::read).fault();
  }
}
