// Search parameters that the service knows beside R4's; it reads them at its start.

RuleSet: SearchedBy(id, type)
* insert PublishedInstance(SearchParameter, {id})
* code = #{id}
* type = #{type}
* xpathUsage = #normal
* multipleOr = true
* multipleAnd = true

RuleSet: OfReports
* base[0] = #QuestionnaireResponse
* base[+] = #Observation

Instance: triage-urgency
InstanceOf: SearchParameter
Usage: #definition
* insert SearchedBy(triage-urgency, token)
* insert OfReports
* name = "TriageUrgency"
* description = "How urgent triage found a symptom report: emergency, urgent or routine, as its extension triage-result says."
* expression = "QuestionnaireResponse.extension.where(url='https://botoxfhir.org/fhir/StructureDefinition/triage-result').extension.where(url='urgency').value | Observation.extension.where(url='https://botoxfhir.org/fhir/StructureDefinition/triage-result').extension.where(url='urgency').value"

Instance: triage-rule
InstanceOf: SearchParameter
Usage: #definition
* insert SearchedBy(triage-rule, token)
* insert OfReports
* name = "TriageRule"
* description = "A rule of triage that fired for a symptom report, by its id: what to look at again when a rule changes."
* expression = "QuestionnaireResponse.extension.where(url='https://botoxfhir.org/fhir/StructureDefinition/triage-result').extension.where(url='rule').extension.where(url='id').value | Observation.extension.where(url='https://botoxfhir.org/fhir/StructureDefinition/triage-result').extension.where(url='rule').extension.where(url='id').value"

Instance: injection
InstanceOf: SearchParameter
Usage: #definition
* insert SearchedBy(injection, reference)
* insert OfReports
* name = "Injection"
* description = "An injection that triage linked a symptom report to."
* expression = "QuestionnaireResponse.extension.where(url='https://botoxfhir.org/fhir/StructureDefinition/triage-result').extension.where(url='injection').value | Observation.extension.where(url='https://botoxfhir.org/fhir/StructureDefinition/triage-result').extension.where(url='injection').value"
* target = #Procedure

Instance: evidence
InstanceOf: SearchParameter
Usage: #definition
* insert SearchedBy(evidence, reference)
* base = #AdverseEvent
* name = "Evidence"
* description = "The symptom report, or a symptom of it, that a candidate adverse event came of."
* expression = "AdverseEvent.extension.where(url='https://botoxfhir.org/fhir/StructureDefinition/symptom-report-evidence').value"
* target[0] = #QuestionnaireResponse
* target[+] = #Observation
