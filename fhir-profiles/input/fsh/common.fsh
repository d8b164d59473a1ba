// Systems and what every definition of the package carries.
Alias: $SCT = http://snomed.info/sct
Alias: $ICD10CM = http://hl7.org/fhir/sid/icd-10-cm
Alias: $NDC = http://hl7.org/fhir/sid/ndc
Alias: $RxNorm = http://www.nlm.nih.gov/research/umls/rxnorm
Alias: $LOINC = http://loinc.org
Alias: $UCUM = http://unitsofmeasure.org
Alias: $ISO11073 = urn:iso:std:iso:11073:10101
Alias: $ConditionCategory = http://terminology.hl7.org/CodeSystem/condition-category
Alias: $ConditionClinical = http://terminology.hl7.org/CodeSystem/condition-clinical
Alias: $ConditionVerification = http://terminology.hl7.org/CodeSystem/condition-ver-status
Alias: $Seriousness = http://terminology.hl7.org/CodeSystem/adverse-event-seriousness
Alias: $AdverseEventSeverity = http://terminology.hl7.org/CodeSystem/adverse-event-severity
Alias: $AdverseEventOutcome = http://terminology.hl7.org/CodeSystem/adverse-event-outcome
Alias: $CausalityAssessment = http://terminology.hl7.org/CodeSystem/adverse-event-causality-assess
Alias: $ObservationCategory = http://terminology.hl7.org/CodeSystem/observation-category

RuleSet: Published
* ^version = "1.0.0"
* ^status = #active
* ^experimental = false
* ^date = "2026-11-22"
* ^publisher = "Botox FHIR service"

RuleSet: PublishedInstance(type, id)
* url = "https://botoxfhir.org/fhir/{type}/{id}"
* version = "1.0.0"
* status = #active
* experimental = false
* date = "2026-11-22"
* publisher = "Botox FHIR service"

RuleSet: SnomedCopyright
* ^copyright = "SNOMED CT content is copyright of SNOMED International. Whoever uses it needs a licence for the country of use."
