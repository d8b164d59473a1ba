Instance: botox-symptom-report
InstanceOf: Questionnaire
Usage: #definition
* insert PublishedInstance(Questionnaire, botox-symptom-report)
* name = "BotoxSymptomReport"
* title = "How are you after your injection?"
* description = "Symptoms that a patient notices after an injection of botulinum toxin: what, since when, how bad, and whether it is still there."
* subjectType = #Patient
* item[0].linkId = "emergency-notice"
* item[=].type = #display
* item[=].text = "If you have trouble breathing, swallowing or speaking, call your emergency number now."
* item[+].linkId = "symptom"
* item[=].type = #group
* item[=].text = "Symptom"
* item[=].required = true
* item[=].repeats = true
* item[=].item[0].linkId = "symptom-code"
* item[=].item[=].type = #open-choice
* item[=].item[=].text = "What did you notice?"
* item[=].item[=].required = true
* item[=].item[=].answerValueSet = "https://botoxfhir.org/fhir/ValueSet/patient-reported-symptoms"
* item[=].item[+].linkId = "symptom-onset"
* item[=].item[=].type = #dateTime
* item[=].item[=].text = "When did it begin?"
* item[=].item[+].linkId = "symptom-severity"
* item[=].item[=].type = #choice
* item[=].item[=].text = "How bad is it?"
* item[=].item[=].answerValueSet = "https://botoxfhir.org/fhir/ValueSet/symptom-severity"
* item[=].item[+].linkId = "symptom-ongoing"
* item[=].item[=].type = #boolean
* item[=].item[=].text = "Is it still there?"
* item[=].item[+].linkId = "symptom-detail"
* item[=].item[=].type = #choice
* item[=].item[=].text = "Does any of this apply?"
* item[=].item[=].repeats = true
* item[=].item[=].answerValueSet = "https://botoxfhir.org/fhir/ValueSet/symptom-detail"
* item[+].linkId = "injection-date"
* item[=].type = #date
* item[=].text = "Since which injection? Give its date."
* item[+].linkId = "injection"
* item[=].type = #reference
* item[=].text = "The injection, if your app can show it"
* item[=].extension.url = "http://hl7.org/fhir/StructureDefinition/questionnaire-referenceResource"
* item[=].extension.valueCode = #Procedure
* item[+].linkId = "comment"
* item[=].type = #text
* item[=].text = "Anything else that the clinic should know?"

CodeSystem: SymptomDetail
Id: symptom-detail
Title: "Details of a symptom that change what to do"
Description: "What a patient says about a symptom beyond its name, where triage depends on it. The display is the patient's wording."
* insert Published
* ^caseSensitive = true
* ^valueSet = "https://botoxfhir.org/fhir/ValueSet/symptom-detail"
* #choking "I choke on food or drink" "Food or drink is choked on. Makes trouble swallowing an emergency."
* #cannot-swallow-liquids "I cannot swallow liquids" "Liquids cannot be swallowed. Makes trouble swallowing an emergency."
* #cannot-swallow-saliva "I cannot swallow my own saliva" "Saliva cannot be swallowed. An emergency."
* #trouble-breathing "It comes with trouble breathing" "The symptom comes with trouble breathing, including wheezing. An emergency."
* #face-or-airway-swelling "My face, lips, tongue or throat is swollen" "Swelling of face or airway. An emergency."
* #faintness "I feel faint with it" "The symptom comes with faintness. Makes an allergic reaction an emergency."
* #sudden-onset "It began suddenly" "Began within minutes. Makes slurred speech, and facial weakness away from the injection, an emergency."
* #one-sided "It is on one side only" "One side of the body or face only."
* #spreading "It is spreading to other areas" "Has moved beyond where it began."
* #painful-no-urine-passed "It hurts and no urine has come" "Painful, and no urine passed at all. Makes retention of urine an emergency."
* #worst-ever "It is the worst I ever had" "The worst of its kind in the patient's life. Makes a headache an emergency."

CodeSystem: TriageUrgency
Id: triage-urgency
Title: "Urgency of a symptom report"
Description: "How soon a symptom report needs a clinician. Advice on urgency only: it names no cause."
* insert Published
* ^caseSensitive = true
* ^valueSet = "https://botoxfhir.org/fhir/ValueSet/triage-urgency"
* #emergency "Emergency" "Emergency help now."
* #urgent "Urgent" "Contact with a clinician on the same day."
* #routine "Routine" "To be told to the clinic; no same-day contact needed."

CodeSystem: Confirmation
Id: confirmation
Title: "Whether a clinician has confirmed a record"
Description: "Tag of records that the service derived from what a patient reported."
* insert Published
* ^caseSensitive = true
* #unconfirmed "Unconfirmed" "Derived from a patient's report. No clinician has confirmed, changed or refuted it yet; the tag is removed by whoever does."

ValueSet: SymptomDetails
Id: symptom-detail
Title: "Details of a symptom that change what to do"
Description: "All codes of the code system symptom-detail."
* insert Published
* include codes from system SymptomDetail

ValueSet: SymptomSeverity
Id: symptom-severity
Title: "How bad a symptom is"
Description: "Severity of a symptom as the patient judges it."
* insert Published
* insert SnomedCopyright
* $SCT#255604002 "Mild"
* $SCT#1255665007 "Moderate"
* $SCT#24484000 "Severe"

ValueSet: TriageUrgencies
Id: triage-urgency
Title: "Urgency of a symptom report"
Description: "All codes of the code system triage-urgency."
* insert Published
* include codes from system TriageUrgency

Extension: TriageResult
Id: triage-result
Title: "Triage result of a symptom report"
Description: "Set by the service on every symptom report that it accepts: the urgency, what the patient should do now, and every rule that led there. It advises on urgency and names no cause. What a client sends in its place is overwritten."
Context: QuestionnaireResponse, Observation
* insert Published
* . ..1
* . ^short = "How urgent the report is and what the patient should do now"
* extension contains
    urgency 1..1 and
    instruction 1..1 and
    withinWindow 1..1 and
    ruleSet 1..1 and
    injection 0..* and
    rule 0..*
* extension[urgency] ^short = "emergency, urgent or routine"
* extension[urgency].value[x] 1..
* extension[urgency].value[x] only Coding
* extension[urgency].value[x] from TriageUrgencies (required)
* extension[instruction] ^short = "What the patient should do now"
* extension[instruction].value[x] 1..
* extension[instruction].value[x] only string
* extension[withinWindow] ^short = "Whether a symptom began within 12 weeks after an injection"
* extension[withinWindow].value[x] 1..
* extension[withinWindow].value[x] only boolean
* extension[ruleSet] ^short = "Version of the rules that decided"
* extension[ruleSet].value[x] 1..
* extension[ruleSet].value[x] only string
* extension[injection] ^short = "An injection of botulinum toxin before the report, latest first"
* extension[injection].value[x] 1..
* extension[injection].value[x] only Reference(Procedure)
* extension[rule] ^short = "A rule that fired"
* extension[rule].extension contains
    id 1..1 and
    urgency 1..1 and
    reason 1..1 and
    source 1..1
* extension[rule].extension[id] ^short = "Identifier of the rule within the rule set"
* extension[rule].extension[id].value[x] 1..
* extension[rule].extension[id].value[x] only code
* extension[rule].extension[urgency] ^short = "The least urgency that the rule asks for"
* extension[rule].extension[urgency].value[x] 1..
* extension[rule].extension[urgency].value[x] only Coding
* extension[rule].extension[urgency].value[x] from TriageUrgencies (required)
* extension[rule].extension[reason] ^short = "Why, in plain words"
* extension[rule].extension[reason].value[x] 1..
* extension[rule].extension[reason].value[x] only string
* extension[rule].extension[source] ^short = "Where the rule comes from"
* extension[rule].extension[source].value[x] 1..
* extension[rule].extension[source].value[x] only string

Extension: SymptomReportEvidence
Id: symptom-report-evidence
Title: "Symptom report behind an adverse event"
Description: "What the patient reported, from which an adverse event was taken: the report and each symptom of it. R4 has no element of AdverseEvent for it."
Context: AdverseEvent
* insert Published
* . 0..*
* . ^short = "Report, or a symptom of it"
* value[x] 1..
* value[x] only Reference(QuestionnaireResponse or Observation)

Invariant: botox-rep-1
Description: "The report answers the questionnaire botox-symptom-report"
Severity: #error
Expression: "questionnaire = 'https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report' or questionnaire.startsWith('https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report|')"

Invariant: botox-rep-2
Description: "Without an identifier a report that is sent twice is two reports"
Severity: #warning
Expression: "identifier.value.exists()"

Invariant: botox-rep-3
Description: "A report that is completed or amended names a symptom, by code or in free words"
Severity: #error
Expression: "(status = 'completed' or status = 'amended') implies item.where(linkId = 'symptom').item.where(linkId = 'symptom-code').answer.exists()"

Profile: SymptomReport
Parent: QuestionnaireResponse
Id: symptom-report
Title: "Symptom report of a patient"
Description: "What a patient reports after an injection, as answers to the questionnaire botox-symptom-report. This is what a complete report looks like; the service triages and publishes a report that is not complete, too. Follows the US Core 8.0.0 profile of QuestionnaireResponse."
* insert Published
* extension contains TriageResult named triageResult 0..1
* extension[triageResult] ^short = "Set by the service"
* obeys botox-rep-1 and botox-rep-2 and botox-rep-3
* identifier MS
* questionnaire 1.. MS
* status MS
* subject 1.. MS
* subject only Reference(Patient)
* authored 1.. MS
* author MS
* source MS
* item 1.. MS
* item.linkId MS
* item.answer MS
