Extension: IndicationHeadacheDays
Id: indication-headache-days
Title: "Headache days a month at the diagnosis"
Description: "On how many days a month the patient had a headache of four hours or longer when chronic migraine was diagnosed. What comes of the treatment is an Observation of profile headache-days."
Context: Condition
* insert Published
* . 0..1
* . ^short = "Headache days a month at the diagnosis"
* value[x] 1..
* value[x] only integer
* valueInteger ^minValueInteger = 0
* valueInteger ^maxValueInteger = 31

Invariant: botox-ind-1
Description: "Chronic migraine is 15 or more headache days a month; below that the benefit is not established (label, indications)"
Severity: #error
Expression: "code.coding.where((system = 'http://snomed.info/sct' and (code = '427419006' or code = '124171000119105')) or (system = 'http://hl7.org/fhir/sid/icd-10-cm' and code.startsWith('G43.7'))).exists() implies extension('https://botoxfhir.org/fhir/StructureDefinition/indication-headache-days').value.all($this >= 15)"

Invariant: botox-ind-2
Description: "Chronic migraine is recorded with its headache days a month"
Severity: #warning
Expression: "code.coding.where(system = 'http://snomed.info/sct' and (code = '427419006' or code = '124171000119105')).exists() implies extension('https://botoxfhir.org/fhir/StructureDefinition/indication-headache-days').exists()"

Profile: TreatmentIndication
Parent: Condition
Id: treatment-indication
Title: "Condition that is treated with botulinum toxin"
Description: "Why the patient is treated. Follows the US Core 8.0.0 condition profiles: category and code are there, and the subject is a patient."
* insert Published
* obeys botox-ind-1 and botox-ind-2
* extension contains IndicationHeadacheDays named headacheDays 0..1 MS
* clinicalStatus MS
* verificationStatus MS
* category 1.. MS
* category from TreatmentIndicationCategory (required)
* code 1.. MS
* code from TreatmentIndications (extensible)
* bodySite MS
* subject only Reference(Patient)
* subject MS
* encounter MS
* onset[x] MS
* abatement[x] MS
* recordedDate MS

ValueSet: TreatmentIndicationCategory
Id: treatment-indication-category
Title: "Category of an indication"
Description: "The categories of R4; those of US Core's problem and diagnosis profiles that R4 defines."
* insert Published
* $ConditionCategory#problem-list-item "Problem List Item"
* $ConditionCategory#encounter-diagnosis "Encounter Diagnosis"

ValueSet: TreatmentIndications
Id: treatment-indications
Title: "Indications of botulinum toxin"
Description: "Conditions that botulinum toxin is used for, inside and outside the label of a product. That one is here says nothing about approval."
* insert Published
* insert SnomedCopyright
* $SCT#427419006 "Transformed migraine (disorder)"
* $SCT#124171000119105 "Chronic intractable migraine without aura"
* $SCT#37796009 "Migraine (disorder)"
* $SCT#56097005 "Migraine without aura"
* $SCT#4473006 "Migraine with aura"
* $SCT#423894005 "Refractory migraine"
* $SCT#221360009 "Spasticity (finding)"
* $SCT#108691000119102 "Spasticity as sequela of stroke"
* $SCT#79633009 "Spastic hemiplegia"
* $SCT#290481000119100 "Spastic hemiplegia of right dominant side"
* $SCT#290461000119109 "Spastic hemiplegia of left dominant side"
* $SCT#290491000119102 "Spastic hemiplegia of right nondominant side"
* $SCT#290471000119103 "Spastic hemiplegia of left nondominant side"
* $SCT#128188000 "Cerebral palsy"
* $SCT#281411007 "Spastic diplegia"
* $SCT#74333002 "Spasmodic torticollis"
* $SCT#15802004 "Dystonia (disorder)"
* $SCT#59026006 "Blepharospasm"
* $SCT#13753008 "Hemifacial spasm"
* $SCT#786460007 "Detrusor overactivity"
* $SCT#312230002 "Hyperhidrosis"
* $SCT#22066006 "Strabismus (disorder)"
* $ICD10CM#G43.709 "Chronic migraine, not intractable, without status"
* $ICD10CM#G43.701 "Chronic migraine, not intractable, with status"
* $ICD10CM#G43.719 "Chronic migraine, intractable, without status"
* $ICD10CM#G43.711 "Chronic migraine, intractable, with status"
* $ICD10CM#G43.909
* $ICD10CM#G43.919
* $ICD10CM#G24.2 "Idiopathic nonfamilial dystonia"
* $ICD10CM#G24.3 "Spasmodic torticollis"
* $ICD10CM#G24.5 "Blepharospasm"
* $ICD10CM#G24.8 "Other dystonia"
* $ICD10CM#G24.9 "Dystonia, unspecified"
* $ICD10CM#G51.31 "Hemifacial spasm, right"
* $ICD10CM#N32.81 "Overactive bladder"
* $ICD10CM#N31.9 "Neuromuscular dysfunction of bladder"
* $ICD10CM#N39.41 "Urge incontinence"
* $ICD10CM#L74.510 "Primary focal hyperhidrosis, axilla"
* $ICD10CM#H50.9 "Strabismus, unspecified"
* $ICD10CM#H50.00 "Esotropia"
* $ICD10CM#M62.838 "Other muscle spasm"
* $ICD10CM#R25.2 "Cramp and spasm"
* $ICD10CM#G81.10 "Spastic hemiplegia, unspecified"
* $ICD10CM#G81.11 "Spastic hemiplegia, right dominant side"
* $ICD10CM#G81.12 "Spastic hemiplegia, left dominant side"
* $ICD10CM#G81.13 "Spastic hemiplegia, right nondominant side"
* $ICD10CM#G81.14 "Spastic hemiplegia, left nondominant side"
* $ICD10CM#I69.331 "Monoplegia of the upper limb after cerebral infarction, right dominant side"
* $ICD10CM#I69.351 "Hemiplegia after cerebral infarction, right dominant side"
* $ICD10CM#I69.352 "Hemiplegia after cerebral infarction, left dominant side"
* $ICD10CM#I69.353 "Hemiplegia after cerebral infarction, right nondominant side"
* $ICD10CM#I69.354 "Hemiplegia after cerebral infarction, left nondominant side"
* $ICD10CM#G80.0 "Cerebral palsy, quadriplegic"
* $ICD10CM#G80.1 "Cerebral palsy, diplegic"
* $ICD10CM#G80.2 "Cerebral palsy, hemiplegic"
* $ICD10CM#G80.9 "Cerebral palsy, unspecified"
