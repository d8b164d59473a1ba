// One example of each profile; the whole care of a made-up patient with chronic migraine. The doses follow the label's fixed-site pattern.

Instance: example-patient
InstanceOf: BotoxPatient
Usage: #example
* identifier.system = "https://example.org/patients"
* identifier.value = "EXAMPLE-PATIENT"
* name.family = "Exampleton"
* name.given = "Mira"
* gender = #female
* birthDate = "1984-03-02"

Instance: example-physician
InstanceOf: BotoxPractitioner
Usage: #example
* identifier.system = "https://example.org/staff"
* identifier.value = "EXAMPLE-PHYSICIAN"
* name.family = "Sampleworth"
* name.given = "Nora"

Instance: example-chronic-migraine
InstanceOf: TreatmentIndication
Usage: #example
* extension[headacheDays].valueInteger = 18
* clinicalStatus = $ConditionClinical#active
* verificationStatus = $ConditionVerification#confirmed
* category = $ConditionCategory#problem-list-item
* code.coding[0] = $SCT#427419006 "Transformed migraine (disorder)"
* code.coding[+] = $ICD10CM#G43.709 "Chronic migraine, not intractable, without status"
* code.text = "Chronic migraine"
* subject = Reference(Patient/example-patient)
* onsetDateTime = "2023-05"
* recordedDate = "2026-08-10"

Instance: example-plan
InstanceOf: InjectionPlan
Usage: #example
* status = #active
* intent = #plan
* medicationCodeableConcept = ToxinProduct#onabotulinumtoxinA "onabotulinumtoxinA"
* subject = Reference(Patient/example-patient)
* authoredOn = "2026-10-12"
* requester = Reference(Practitioner/example-physician)
* reasonReference = Reference(Condition/example-chronic-migraine)
* dosageInstruction[0].text = "4 injection points of 5 U"
* dosageInstruction[=].site.extension[laterality].valueCodeableConcept = $SCT#7771000 "Left"
* dosageInstruction[=].site = $SCT#52927003 "Structure of temporalis muscle"
* dosageInstruction[=].site.text = "Temporalis, left"
* dosageInstruction[=].route = $SCT#78421000 "Intramuscular route"
* dosageInstruction[=].doseAndRate.doseQuantity.value = 20
* dosageInstruction[=].doseAndRate.doseQuantity.unit = "U"
* dosageInstruction[=].doseAndRate.doseQuantity.system = "http://unitsofmeasure.org"
* dosageInstruction[=].doseAndRate.doseQuantity.code = #[arb'U]
* dosageInstruction[+].text = "1 injection point of 5 U"
* dosageInstruction[=].site.extension[laterality].valueCodeableConcept = $SCT#261129000 "Midline"
* dosageInstruction[=].site.coding[0] = $SCT#22688005 "Muscle of head"
* dosageInstruction[=].site.coding[+] = InjectionArea#procerus "Procerus"
* dosageInstruction[=].site.text = "Procerus"
* dosageInstruction[=].route = $SCT#78421000 "Intramuscular route"
* dosageInstruction[=].doseAndRate.doseQuantity.value = 5
* dosageInstruction[=].doseAndRate.doseQuantity.unit = "U"
* dosageInstruction[=].doseAndRate.doseQuantity.system = "http://unitsofmeasure.org"
* dosageInstruction[=].doseAndRate.doseQuantity.code = #[arb'U]

Instance: example-vial
InstanceOf: BotulinumToxinProduct
Usage: #example
* code = $NDC#0023-3921-02
* code.text = "onabotulinumtoxinA (Botox), 200-unit vial"
* status = #active
* ingredient.itemCodeableConcept = $SCT#108890005 "Botulinum toxin type A (substance)"
* ingredient.isActive = true
* ingredient.strength.numerator.value = 200
* ingredient.strength.numerator.unit = "U"
* ingredient.strength.numerator.system = "http://unitsofmeasure.org"
* ingredient.strength.numerator.code = #[arb'U]
* ingredient.strength.denominator = 1 '{vial}' "vial"
* batch.lotNumber = "EXAMPLE-LOT"
* batch.expirationDate = "2028-06-30"

Instance: example-injection
InstanceOf: BotulinumToxinInjection
Usage: #example
* status = #completed
* code.text = "Botulinum toxin for chronic migraine"
* subject = Reference(Patient/example-patient)
* performedPeriod.start = "2026-11-09T10:15:00-05:00"
* performedPeriod.end = "2026-11-09T10:35:00-05:00"
* performer.function = PerformerRole#physician "Physician"
* performer.actor = Reference(Practitioner/example-physician)
* reasonReference = Reference(Condition/example-chronic-migraine)
* bodySite[0].extension[laterality].valueCodeableConcept = $SCT#7771000 "Left"
* bodySite[=] = $SCT#52927003 "Structure of temporalis muscle"
* bodySite[=].text = "Temporalis, left"
* bodySite[+].extension[laterality].valueCodeableConcept = $SCT#261129000 "Midline"
* bodySite[=].coding[0] = $SCT#22688005 "Muscle of head"
* bodySite[=].coding[+] = InjectionArea#procerus "Procerus"
* bodySite[=].text = "Procerus"
* usedReference = Reference(Medication/example-vial)
* usedCode[localAnaesthetic] = $SCT#373477003 "Local anesthetic"

Instance: example-emg
InstanceOf: EmgGuidance
Usage: #example
* partOf = Reference(Procedure/example-injection)
* status = #completed
* code.text = "Needle EMG to find the muscles"
* subject = Reference(Patient/example-patient)
* performedDateTime = "2026-11-09T10:15:00-05:00"
* performer.actor = Reference(Practitioner/example-physician)

Instance: example-temporalis-left
InstanceOf: BotulinumToxinAdministration
Usage: #example
* extension[dilution].valueRatio.numerator.value = 5
* extension[dilution].valueRatio.numerator.unit = "U"
* extension[dilution].valueRatio.numerator.system = "http://unitsofmeasure.org"
* extension[dilution].valueRatio.numerator.code = #[arb'U]
* extension[dilution].valueRatio.denominator = 0.1 'mL' "mL"
* partOf = Reference(Procedure/example-injection)
* status = #completed
* medicationReference = Reference(Medication/example-vial)
* subject = Reference(Patient/example-patient)
* effectiveDateTime = "2026-11-09T10:15:00-05:00"
* performer.actor = Reference(Practitioner/example-physician)
* reasonReference = Reference(Condition/example-chronic-migraine)
* dosage.text = "4 injection points of 5 U"
* dosage.site.extension[laterality].valueCodeableConcept = $SCT#7771000 "Left"
* dosage.site.coding[0] = $SCT#52927003 "Structure of temporalis muscle"
* dosage.site.coding[+] = $ISO11073#459105 "Temporalis, left"
* dosage.site.text = "Temporalis, left"
* dosage.route = $SCT#78421000 "Intramuscular route"
* dosage.dose.value = 20
* dosage.dose.unit = "U"
* dosage.dose.system = "http://unitsofmeasure.org"
* dosage.dose.code = #[arb'U]

Instance: example-procerus
InstanceOf: BotulinumToxinAdministration
Usage: #example
* partOf = Reference(Procedure/example-injection)
* status = #completed
* medicationReference = Reference(Medication/example-vial)
* subject = Reference(Patient/example-patient)
* effectiveDateTime = "2026-11-09T10:20:00-05:00"
* dosage.text = "1 injection point of 5 U"
* dosage.site.extension[laterality].valueCodeableConcept = $SCT#261129000 "Midline"
* dosage.site.coding[0] = $SCT#22688005 "Muscle of head"
* dosage.site.coding[+] = InjectionArea#procerus "Procerus"
* dosage.site.text = "Procerus"
* dosage.dose.value = 5
* dosage.dose.unit = "U"
* dosage.dose.system = "http://unitsofmeasure.org"
* dosage.dose.code = #[arb'U]

Instance: example-report
InstanceOf: SymptomReport
Usage: #example
* identifier.system = "https://example.org/symptom-reports"
* identifier.value = "EXAMPLE-REPORT"
* questionnaire = "https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report"
* status = #completed
* subject = Reference(Patient/example-patient)
* authored = "2026-11-16T08:30:00-05:00"
* author = Reference(Patient/example-patient)
* source = Reference(Patient/example-patient)
* item[0].linkId = "symptom"
* item[=].item[0].linkId = "symptom-code"
* item[=].item[=].answer.valueCoding = $SCT#11934000 "Drooping eyelid"
* item[=].item[+].linkId = "symptom-onset"
* item[=].item[=].answer.valueDateTime = "2026-11-14T08:00:00-05:00"
* item[=].item[+].linkId = "symptom-severity"
* item[=].item[=].answer.valueCoding = $SCT#1255665007 "Moderate"
* item[+].linkId = "injection-date"
* item[=].answer.valueDate = "2026-11-09"

Instance: example-symptom
InstanceOf: PatientReportedSymptom
Usage: #example
* status = #final
* category[survey] = $ObservationCategory#survey
* code = $SCT#11934000 "Drooping eyelid"
* subject = Reference(Patient/example-patient)
* effectiveDateTime = "2026-11-14T08:00:00-05:00"
* issued = "2026-11-16T08:30:00-05:00"
* performer = Reference(Patient/example-patient)
* component.code = SymptomAnswer#severity "How bad it is"
* component.valueCodeableConcept = $SCT#1255665007 "Moderate"

Instance: example-adverse-event
InstanceOf: SuspectedAdverseEvent
Usage: #example
* actuality = #actual
* event = $SCT#40739000 "Dysphagia"
* event.text = "Trouble swallowing, in hospital overnight"
* subject = Reference(Patient/example-patient)
* date = "2026-11-14"
* detected = "2026-11-16T08:30:00-05:00"
* recordedDate = "2026-11-16T15:40:00-05:00"
* extension[evidence].valueReference = Reference(QuestionnaireResponse/example-report)
* extension[seriousnessCriterion].valueCodeableConcept = SeriousnessCriterion#hospitalization "Hospitalization"
* seriousness = $Seriousness#SeriousResultsInHospitalization
* severity = $AdverseEventSeverity#severe
* outcome = $AdverseEventOutcome#recovering
* recorder = Reference(Practitioner/example-physician)
* suspectEntity.instance = Reference(Procedure/example-injection)
* suspectEntity.causality.assessment = $CausalityAssessment#Probably-Likely
* suspectEntity.causality.author = Reference(Practitioner/example-physician)

RuleSet: ExampleOutcome
* status = #final
* category[survey] = $ObservationCategory#survey
* subject = Reference(Patient/example-patient)
* effectiveDateTime = "2026-11-20"
* performer = Reference(Patient/example-patient)

Instance: example-headache-days
InstanceOf: HeadacheDays
Usage: #example
* insert ExampleOutcome
* valueQuantity = 9 'd/mo' "days a month"

Instance: example-hit-6
InstanceOf: Hit6Total
Usage: #example
* insert ExampleOutcome
* valueQuantity = 58 '{score}' "points"

Instance: example-midas
InstanceOf: MidasTotal
Usage: #example
* insert ExampleOutcome
* valueQuantity = 14 '{score}' "days"
* component[grade].valueCodeableConcept = MidasGrade#III "Grade III"

Instance: example-modified-ashworth
InstanceOf: ModifiedAshworthScore
Usage: #example
* insert ExampleOutcome
* valueCodeableConcept = ModifiedAshworth#1+ "1+"
* bodySite = $SCT#30608006 "Muscle of upper limb"
* bodySite.extension[laterality].valueCodeableConcept = $SCT#24028007 "Right"
* bodySite.text = "Elbow flexors, right"

Instance: example-pain
InstanceOf: PainScore
Usage: #example
* insert ExampleOutcome
* code = $LOINC#72514-3 "Pain severity - 0-10 verbal numeric rating [Score] - Reported"
* valueQuantity = 3 '{score}' "points"

Instance: example-effect-onset
InstanceOf: TreatmentEffectTime
Usage: #example
* insert ExampleOutcome
* code = OutcomeMeasure#effect-onset "Onset of the effect"
* partOf = Reference(Procedure/example-injection)
* valueDateTime = "2026-11-14"
