// Outcome measures: Observations of the category survey, as the US Core 8.0.0 screening and assessment profile asks for.

CodeSystem: OutcomeMeasure
Id: outcome-measure
Title: "Outcome measures"
Description: "Measures of what the treatment brings for which no LOINC code could be confirmed. The items of the questionnaires are their owners' and are not here."
* insert Published
* ^caseSensitive = true
* #headache-days "Headache days a month" "Days with a headache of four hours or longer in one month."
* #hit-6-total "HIT-6 total" "Sum of the six items of the Headache Impact Test, 36 to 78: 36-49 little impact, 50-55 some, 56-59 substantial, 60 and above severe."
* #midas-total "MIDAS total" "Sum of the five day counts of the Migraine Disability Assessment over three months."
* #midas-grade "MIDAS grade" "Grade of disability that follows from the MIDAS total."
* #modified-ashworth "Modified Ashworth scale" "Resistance of a muscle group to being moved passively; six ordered levels."
* #effect-onset "Onset of the effect" "When the patient first noticed that the injection works."
* #effect-end "End of the effect" "When the effect of the injection had faded."

CodeSystem: MidasGrade
Id: midas-grade
Title: "MIDAS grade"
Description: "Grades of disability by the MIDAS total."
* insert Published
* ^caseSensitive = true
* #I "Grade I" "MIDAS total 0 to 5."
* #II "Grade II" "MIDAS total 6 to 10."
* #III "Grade III" "MIDAS total 11 to 20."
* #IV "Grade IV" "MIDAS total 21 and above."

ValueSet: MidasGrades
Id: midas-grade
Title: "MIDAS grade"
Description: "All codes of the code system midas-grade."
* insert Published
* include codes from system MidasGrade

CodeSystem: ModifiedAshworth
Id: modified-ashworth
Title: "Levels of the modified Ashworth scale"
Description: "Ordered levels, not numbers: 1+ lies between 1 and 2."
* insert Published
* ^caseSensitive = true
* #0 "0" "No increase of the muscle tone."
* #1 "1" "Slight increase: a catch and release, or little resistance at the end of the movement."
* #1+ "1+" "Slight increase: a catch, then little resistance through less than half of the movement."
* #2 "2" "More marked increase through most of the movement; the limb is moved easily."
* #3 "3" "Considerable increase; passive movement is difficult."
* #4 "4" "The limb is rigid."

ValueSet: ModifiedAshworthLevels
Id: modified-ashworth
Title: "Levels of the modified Ashworth scale"
Description: "All codes of the code system modified-ashworth."
* insert Published
* include codes from system ModifiedAshworth

ValueSet: EffectTime
Id: effect-time
Title: "Onset or end of the effect"
Description: "What a date says about the effect of an injection."
* insert Published
* OutcomeMeasure#effect-onset "Onset of the effect"
* OutcomeMeasure#effect-end "End of the effect"

RuleSet: Outcome
* insert Published
* status MS
* category 1.. MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains survey 1..1 MS
* category[survey] = $ObservationCategory#survey
* code MS
* subject 1.. MS
* subject only Reference(Patient)
* effective[x] MS
* performer MS
* derivedFrom MS
* value[x] 1.. MS

RuleSet: OutcomeQuantity(unit)
* value[x] only Quantity
* valueQuantity.value 1..
* valueQuantity.system 1..
* valueQuantity.system = "http://unitsofmeasure.org"
* valueQuantity.code 1..
* valueQuantity.code = #{unit}

Invariant: botox-out-1
Description: "A month has 0 to 31 headache days"
Severity: #error
Expression: "value.value >= 0 and value.value <= 31"

Profile: HeadacheDays
Parent: Observation
Id: headache-days
Title: "Headache days a month"
Description: "On how many days a month there was a headache of four hours or longer."
* insert Outcome
* insert OutcomeQuantity(d/mo)
* code = OutcomeMeasure#headache-days
* obeys botox-out-1

Invariant: botox-out-2
Description: "The HIT-6 total is a whole number from 36 to 78"
Severity: #error
Expression: "value.value >= 36 and value.value <= 78 and value.value mod 1 = 0"

Profile: Hit6Total
Parent: Observation
Id: hit-6-total
Title: "HIT-6 total"
Description: "Total of the Headache Impact Test. The items are licensed and no part of this package."
* insert Outcome
* insert OutcomeQuantity({score})
* code = OutcomeMeasure#hit-6-total
* obeys botox-out-2

Invariant: botox-out-3
Description: "The MIDAS total is a whole number of days"
Severity: #error
Expression: "value.value >= 0 and value.value mod 1 = 0"

Invariant: botox-out-4
Description: "The MIDAS grade is that of the total: I to 5, II to 10, III to 20, IV above"
Severity: #error
Expression: "component.where(code.coding.where(code = 'midas-grade').exists()).value.coding.where(system = 'https://botoxfhir.org/fhir/CodeSystem/midas-grade').all(code = iif(%resource.value.value <= 5, 'I', iif(%resource.value.value <= 10, 'II', iif(%resource.value.value <= 20, 'III', 'IV'))))"

Profile: MidasTotal
Parent: Observation
Id: midas-total
Title: "MIDAS total with its grade"
Description: "Total of the Migraine Disability Assessment over three months, and the grade that follows from it."
* insert Outcome
* insert OutcomeQuantity({score})
* code = OutcomeMeasure#midas-total
* component ^slicing.discriminator.type = #pattern
* component ^slicing.discriminator.path = "code"
* component ^slicing.rules = #open
* component contains grade 1..1 MS
* component[grade].code = OutcomeMeasure#midas-grade
* component[grade].value[x] 1..
* component[grade].value[x] only CodeableConcept
* component[grade].valueCodeableConcept from MidasGrades (required)
* obeys botox-out-3 and botox-out-4

Profile: ModifiedAshworthScore
Parent: Observation
Id: modified-ashworth-score
Title: "Modified Ashworth score of a muscle group"
Description: "The level of the modified Ashworth scale for one muscle group; never a number, since 1+ is none."
* insert Outcome
* code = OutcomeMeasure#modified-ashworth
* value[x] only CodeableConcept
* valueCodeableConcept from ModifiedAshworthLevels (required)
* bodySite 1.. MS
* bodySite from InjectedMuscles (extensible)
* bodySite obeys botox-site-2
* bodySite.extension contains Laterality named laterality 0..1 MS

Invariant: botox-out-5
Description: "Pain is rated from 0 to 10"
Severity: #error
Expression: "value.value >= 0 and value.value <= 10"

Profile: PainScore
Parent: Observation
Id: pain-score
Title: "Pain, 0 to 10"
Description: "How bad the pain is, as the patient rates it from 0 to 10."
* insert Outcome
* insert OutcomeQuantity({score})
* code = $LOINC#72514-3
* obeys botox-out-5

Profile: TreatmentEffectTime
Parent: Observation
Id: treatment-effect-time
Title: "Onset or end of the effect of an injection"
Description: "When the patient noticed that an injection began to work, or had stopped working."
* insert Outcome
* code from EffectTime (required)
* value[x] only dateTime
* partOf 1..1 MS
* partOf only Reference(Procedure)
* partOf ^short = "The injection"
