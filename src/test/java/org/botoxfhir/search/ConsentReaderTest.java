package org.botoxfhir.search;

import static org.assertj.core.api.Assertions.assertThat;

import ca.uhn.fhir.context.FhirContext;
import java.time.Instant;
import java.util.List;
import org.botoxfhir.fault.Finding;
import org.botoxfhir.store.Denial;
import org.hl7.fhir.r4.model.Consent;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is made of the provisions of a Consent; whom and what it hides then is the matter of {@code ConsentMatrixTest}. */
class ConsentReaderTest {
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  /** @param provision members of the root, with apostrophes for quotation marks */
  private static ConsentReader.Reading read(String provision, String... replaced) {
    String json = """
        {'resourceType':'Consent','status':'active','patient':{'reference':'Patient/1'},
         'scope':{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/consentscope','code':'patient-privacy'}]},
         'provision':{%s}}
        """.formatted(provision);
    for (int i = 0; i < replaced.length; i += 2) {
      json = json.replace(replaced[i], replaced[i + 1]);
    }
    return ConsentReader.read(
        FHIR.newJsonParser().parseResource(Consent.class, json.replace('\'', '"')));
  }

  private static Denial only(ConsentReader.Reading reading) {
    assertThat(reading.denials()).hasSize(1);
    return reading.denials().getFirst();
  }

  @ParameterizedTest
  @CsvSource(delimiter = ';', quoteCharacter = '~', textBlock = """
      'dataPeriod':{'start':'2020'};                                           dataPeriod
      'class':[{'system':'urn:iso:std','code':'x'},{'code':'Observation'}];    class
      'code':[{'text':'in words'}];                                            code
      'purpose':[{'system':'urn:x','code':'TREAT'}];                           purpose
      'securityLabel':[{'display':'in words'}];                                securityLabel
      'data':[{'meaning':'authoredby','reference':{'reference':'Practitioner/1'}}]; data
      'data':[{'meaning':'instance','reference':{'display':'that one'}}];      data
      'actor':[{'role':{'text':'x'},'reference':{'reference':'CareTeam/1'}}];  actor
      'actor':[{'role':{'text':'x'},'reference':{'display':'my neighbour'}}];  actor
      'actor':[{'role':{'coding':[{'code':'AUT'}]},'reference':{'reference':'Practitioner/1'}}]; actor
      'modifierExtension':[{'url':'urn:x','valueBoolean':true}];               modifierExtension
      'action':[{'coding':[{'system':'urn:x','code':'read'}]}];                action
      """)
  void whatCannotBeEvaluatedIsToldAndNarrowsTheDenialByNothing(String member, String element) {
    ConsentReader.Reading reading = read("'type':'deny'," + member);

    Denial denial = only(reading);
    assertThat(denial)
        .isEqualTo(new Denial(
            1,
            0,
            "1",
            Instant.MIN,
            Instant.MAX,
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            denial.related()));
    assertThat(reading.findings()).hasSize(1);
    Finding finding = reading.findings().getFirst();
    assertThat(finding.severity()).isEqualTo(Finding.Severity.WARNING);
    assertThat(finding.text()).startsWith("Consent.provision." + element);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'dataPeriod':{'start':'2020'}",
        "'code':[{'coding':[{'code':'x'}]}]",
        "'securityLabel':[{'code':'R'}]",
        "'data':[{'meaning':'instance','reference':{'reference':'Observation/1'}}]",
        "'actor':[{'role':{'text':'x'},'reference':{'reference':'Group/1'}}]",
        "'action':[{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/consentaction','code':'collect'}]}]",
        "'provision':[{'type':'deny','class':[{'code':'Observation'}]}]"
      })
  void anExceptionThatIsNotUnderstoodPermitsNothing(String member) {
    ConsentReader.Reading reading =
        read("'type':'deny','provision':[{'type':'permit'," + member + "}]");

    assertThat(only(reading).within()).isZero();
    assertThat(reading.findings())
        .extracting(Finding::text)
        .singleElement()
        .asString()
        .startsWith("Consent.provision.provision[0].");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "'active'->'inactive'",
        "'active'->'entered-in-error'",
        "'patient-privacy'->'research'",
        "'type':'deny'->'type':'permit'",
        "'type':'deny'->'type':'deny','action':[{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/consentaction','code':'collect'}]}]"
      })
  void whatDoesNotDenyReadingDeniesNothing(String change) {
    String[] parts = change.split("->", 2);

    assertThat(read("'type':'deny'", parts[0], parts[1]).denials()).isEmpty();
  }

  @Test
  void aScopeInWordsMayBeAboutPrivacy() {
    assertThat(read("'type':'deny'", "http://terminology.hl7.org/CodeSystem/consentscope", "urn:x")
            .denials())
        .hasSize(1);
  }

  @Test
  void aDenialOfNobodysRecordIsToldOf() {
    ConsentReader.Reading reading =
        read("'type':'deny'", "Patient/1", "https://elsewhere.example.org/Patient/1");

    assertThat(reading.denials()).isEmpty();
    assertThat(reading.findings().getFirst().text()).startsWith("Consent.patient");
  }

  @Test
  void anOptOutByPolicyRuleAloneIsToldToDenyNothing() {
    ConsentReader.Reading reading = read(
        "'type':'permit'",
        "'provision'",
        "'policyRule':{'coding':[{'code':'OPTOUT'}]},'provision'");

    assertThat(reading.denials()).isEmpty();
    assertThat(reading.findings().getFirst().text()).contains("Consent.policyRule", "deny");
  }

  @Test
  void aNestedDenialHoldsInItsOwnTimeAndThatOfWhatStandsAboveIt() {
    Denial denial = only(read("""
        'type':'permit','period':{'start':'2026-01-01','end':'2026-12-31'},
        'class':[{'code':'Procedure'}],
        'provision':[{'type':'deny','period':{'start':'2025-06-01','end':'2026-06-30'},'class':[{'code':'Observation'}]}]
        """));

    assertThat(denial.starts()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));
    assertThat(denial.ends()).isEqualTo(Instant.parse("2026-06-30T23:59:59.999999Z"));
    assertThat(denial.types()).containsExactly("Observation");
  }

  @Test
  void aDenialOfReadingCountsWithinOneOfSomethingElse() {
    Denial denial = only(read("""
        'type':'deny','action':[{'coding':[{'system':'http://terminology.hl7.org/CodeSystem/consentaction','code':'collect'}]}],
        'provision':[{'type':'permit','provision':[{'type':'deny','class':[{'code':'Observation'}]}]}]
        """));

    assertThat(denial.types()).containsExactly("Observation");
  }

  @Test
  void exceptionsBelongToTheirDenial() {
    ConsentReader.Reading reading = read("""
        'type':'permit','provision':[
          {'type':'deny','class':[{'code':'Observation'}]},
          {'type':'deny','provision':[{'type':'permit','class':[{'code':'Patient'}]}]}]
        """);

    assertThat(reading.findings()).isEmpty();
    assertThat(reading.denials()).extracting(Denial::number).containsExactly(1, 2, 3);
    assertThat(reading.denials()).extracting(Denial::within).containsExactly(0, 0, 2);
  }
}
