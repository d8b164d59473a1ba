CodeSystem: SeriousnessCriterion
Id: seriousness-criterion
Title: "Criteria of a serious adverse event"
Description: "The criteria of the FDA's form 3500A and of ICH E2B(R3). Several can hold at once, which AdverseEvent.seriousness of R4 cannot say."
* insert Published
* ^caseSensitive = true
* #death "Death" "The event resulted in death."
* #life-threatening "Life threatening" "The patient was at risk of death at the time of the event."
* #hospitalization "Hospitalization" "The patient was admitted, or stayed longer in hospital."
* #disability "Disability" "Persistent or significant disability or incapacity."
* #birth-defect "Birth defect" "Congenital anomaly or birth defect."
* #intervention "Intervention required" "Intervention was needed to prevent permanent impairment."
* #other-medically-important "Other medically important event" "Important in the judgement of a clinician, though none of the other criteria holds."

ValueSet: SeriousnessCriteria
Id: seriousness-criterion
Title: "Criteria of a serious adverse event"
Description: "All codes of the code system seriousness-criterion."
* insert Published
* include codes from system SeriousnessCriterion

Instance: seriousness-criteria-to-r4
InstanceOf: ConceptMap
Usage: #definition
* insert PublishedInstance(ConceptMap, seriousness-criteria-to-r4)
* name = "SeriousnessCriteriaToR4"
* title = "Criteria of seriousness to AdverseEvent.seriousness of R4"
* description = "Which summary code of R4 says the same as a criterion."
* group.source = "https://botoxfhir.org/fhir/CodeSystem/seriousness-criterion"
* group.target = "http://terminology.hl7.org/CodeSystem/adverse-event-seriousness"
* group.element[0].code = #death
* group.element[=].target.code = #SeriousResultsInDeath
* group.element[=].target.equivalence = #equivalent
* group.element[+].code = #life-threatening
* group.element[=].target.code = #SeriousIsLifeThreatening
* group.element[=].target.equivalence = #equivalent
* group.element[+].code = #hospitalization
* group.element[=].target.code = #SeriousResultsInHospitalization
* group.element[=].target.equivalence = #equivalent
* group.element[+].code = #disability
* group.element[=].target.code = #SeriousResultsInDisability
* group.element[=].target.equivalence = #equivalent
* group.element[+].code = #birth-defect
* group.element[=].target.code = #SeriousIsBirthDefect
* group.element[=].target.equivalence = #equivalent
* group.element[+].code = #intervention
* group.element[=].target.code = #SeriousRequiresPreventImpairment
* group.element[=].target.equivalence = #equivalent
* group.element[+].code = #other-medically-important
* group.element[=].target.code = #Serious
* group.element[=].target.equivalence = #wider

Extension: SeriousnessCriterionExtension
Id: seriousness-criterion
Title: "Criterion of seriousness"
Description: "A criterion by which the event is serious. All that hold are named; AdverseEvent.seriousness has room for one."
Context: AdverseEvent
* insert Published
* . 0..*
* . ^short = "A criterion that holds"
* value[x] 1..
* value[x] only CodeableConcept
* valueCodeableConcept from SeriousnessCriteria (required)

Invariant: botox-ae-1
Description: "An event that is not serious meets no criterion of seriousness"
Severity: #error
Expression: "seriousness.coding.where(code = 'Non-serious').exists() implies extension('https://botoxfhir.org/fhir/StructureDefinition/seriousness-criterion').empty()"

Invariant: botox-ae-2
Description: "A serious event names the criterion, as the code of seriousness or as the extension"
Severity: #error
Expression: "seriousness.coding.where(code = 'Serious').exists() implies extension('https://botoxfhir.org/fhir/StructureDefinition/seriousness-criterion').exists()"

Invariant: botox-ae-3
Description: "A fatal event is serious by death"
Severity: #error
Expression: "outcome.coding.where(code = 'fatal').exists() implies (seriousness.coding.where(code = 'SeriousResultsInDeath').exists() or extension('https://botoxfhir.org/fhir/StructureDefinition/seriousness-criterion').value.coding.where(code = 'death').exists())"

Profile: SuspectedAdverseEvent
Parent: AdverseEvent
Id: suspected-adverse-event
Title: "Suspected adverse event"
Description: "What may have come of an injection: a candidate out of a symptom report (actuality potential, tag unconfirmed) or what a clinician records. Base R4, not the backport of the adverse event guide, which forbids suspectEntity: clients find events by it."
* insert Published
* obeys botox-ae-1 and botox-ae-2 and botox-ae-3
* extension contains
    SymptomReportEvidence named evidence 0..* MS and
    SeriousnessCriterionExtension named seriousnessCriterion 0..* MS
* actuality MS
* event 1.. MS
* subject only Reference(Patient)
* subject MS
* date MS
* detected MS
* recordedDate MS
* seriousness MS
* severity MS
* outcome MS
* recorder MS
* suspectEntity MS
* suspectEntity.instance MS
* suspectEntity.instance only Reference(Procedure or MedicationAdministration or Medication)
* suspectEntity.causality MS
