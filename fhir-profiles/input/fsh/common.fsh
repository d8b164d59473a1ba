// Systems and what every definition of the package carries.
Alias: $SCT = http://snomed.info/sct
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
