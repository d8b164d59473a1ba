// The session (Procedure), the guidance by EMG, and what went into each muscle (MedicationAdministration).

RuleSet: ToxinUnits
* system 1..
* system = "http://unitsofmeasure.org"
* code 1..
* code = #[arb'U]
* value 1..

Invariant: botox-unit-1
Description: "An amount of toxin is above zero"
Severity: #error
Expression: "value > 0"

Invariant: botox-inj-1
Description: "An injection that is completed or in progress has its time"
Severity: #error
Expression: "(status = 'completed' or status = 'in-progress') implies performed.exists()"

Profile: BotulinumToxinInjection
Parent: Procedure
Id: botulinum-toxin-injection
Title: "Injection of botulinum toxin"
Description: "One session: who injected which muscles when and why. The units are in the administrations that are part of it, one for each muscle and side. Follows the US Core 8.0.0 procedure profile."
* insert Published
* obeys botox-inj-1
* status MS
* code 1.. MS
* code = $SCT#404909007
* code ^short = "Injection of botulinum toxin; a billing code may stand beside it"
* subject only Reference(Patient)
* subject MS
* encounter MS
* performed[x] only dateTime or Period
* performed[x] MS
* performer MS
* performer.function MS
* performer.function from PerformerRoles (required)
* performer.actor MS
* reasonCode MS
* reasonReference MS
* bodySite 1.. MS
* bodySite from InjectedMuscles (extensible)
* bodySite obeys botox-site-1 and botox-site-2
* bodySite ^short = "The injected muscles"
* bodySite.extension contains Laterality named laterality 0..1 MS
* usedReference MS
* usedReference ^short = "The vials"
* usedCode MS
* usedCode ^slicing.discriminator.type = #pattern
* usedCode ^slicing.discriminator.path = "$this"
* usedCode ^slicing.rules = #open
* usedCode contains localAnaesthetic 0..1 MS
* usedCode[localAnaesthetic] = $SCT#373477003
* usedCode[localAnaesthetic] ^short = "Local anaesthetic"

CodeSystem: PerformerRole
Id: performer-role
Title: "Role of who takes part in an injection"
Description: "The roles of a clinic for botulinum toxin."
* insert Published
* ^caseSensitive = true
* #physician "Physician" "The physician who decides on the treatment and injects, or is responsible for who does."
* #physiotherapist "Physiotherapist" "Assesses the muscles and takes part in choosing them, or injects where the law allows it."
* #dystonia-nurse "Dystonia nurse" "Nurse with training in dystonia and botulinum toxin, who assists, or injects where the law allows it."

ValueSet: PerformerRoles
Id: performer-role
Title: "Role of who takes part in an injection"
Description: "All codes of the code system performer-role."
* insert Published
* include codes from system PerformerRole

Profile: EmgGuidance
Parent: Procedure
Id: emg-guidance
Title: "Guidance of an injection by electromyography"
Description: "Electromyography to find the muscles, as a part of the injection."
* insert Published
* obeys botox-inj-1
* partOf 1.. MS
* partOf only Reference(Procedure)
* status MS
* code 1.. MS
* code = $SCT#42803009
* subject only Reference(Patient)
* subject MS
* performed[x] MS
* performer MS

Extension: Dilution
Id: dilution
Title: "Dilution of the toxin"
Description: "Units of the product in a volume of the solution that was injected: 100 units in 2 mL are 5 units in 0.1 mL."
Context: MedicationAdministration
* insert Published
* . 0..1
* . ^short = "Units in a volume"
* value[x] 1..
* value[x] only Ratio
* valueRatio.numerator 1..
* valueRatio.numerator obeys botox-unit-1
* valueRatio.numerator
  * insert ToxinUnits
* valueRatio.denominator 1..
* valueRatio.denominator obeys botox-unit-1
* valueRatio.denominator.value 1..
* valueRatio.denominator.system 1..
* valueRatio.denominator.system = "http://unitsofmeasure.org"
* valueRatio.denominator.code 1..
* valueRatio.denominator.code = #mL

Profile: BotulinumToxinAdministration
Parent: MedicationAdministration
Id: botulinum-toxin-administration
Title: "Botulinum toxin into one muscle"
Description: "How much of which vial went into one muscle of one side. Its units are units of that product: they convert to nothing. Lot and expiry are those of the vial, a BotulinumToxinProduct."
* insert Published
* extension contains Dilution named dilution 0..1 MS
* partOf 1.. MS
* partOf only Reference(Procedure)
* partOf ^short = "The injection"
* status MS
* medication[x] only Reference(Medication)
* medication[x] MS
* subject only Reference(Patient)
* subject MS
* effective[x] MS
* performer MS
* reasonReference MS
* dosage 1.. MS
* dosage.text MS
* dosage.site 1.. MS
* dosage.site from InjectedMuscles (extensible)
* dosage.site obeys botox-site-1 and botox-site-2
* dosage.site.extension contains Laterality named laterality 1..1 MS
* dosage.route MS
* dosage.dose 1.. MS
* dosage.dose obeys botox-unit-1
* dosage.dose
  * insert ToxinUnits
* dosage.rate[x] 0..0

Invariant: botox-prd-1
Description: "The strength of the toxin is above zero and in its own units, UCUM [arb'U]"
Severity: #error
Expression: "isActive = true implies strength.numerator.all(value > 0 and system = 'http://unitsofmeasure.org' and code = '[arb\\'U]')"

Profile: BotulinumToxinProduct
Parent: Medication
Id: botulinum-toxin-product
Title: "Vial of a botulinum toxin product"
Description: "One lot of one product. Products are not interchangeable: units of one compare with, and convert to, units of no other."
* insert Published
* code 1.. MS
* code from ToxinProducts (required)
* status MS
* ingredient MS
* ingredient obeys botox-prd-1
* ingredient.isActive MS
* ingredient.strength MS
* batch 1.. MS
* batch.lotNumber 1.. MS
* batch.expirationDate 1.. MS

CodeSystem: ToxinProduct
Id: toxin-product
Title: "Botulinum toxin products"
Description: "The products by their nonproprietary names, for those without a code of a public terminology that could be confirmed. Their units are not interchangeable."
* insert Published
* ^caseSensitive = true
* #onabotulinumtoxinA "onabotulinumtoxinA" "Botox. Its units are units of this product only."
* #abobotulinumtoxinA "abobotulinumtoxinA" "Dysport. Its units are units of this product only."
* #rimabotulinumtoxinB "rimabotulinumtoxinB" "Myobloc. Its units are units of this product only."
* #incobotulinumtoxinA "incobotulinumtoxinA" "Xeomin. Its units are units of this product only."
* #daxibotulinumtoxinA-lanm "daxibotulinumtoxinA-lanm" "Daxxify. Its units are units of this product only."
* #prabotulinumtoxinA "prabotulinumtoxinA" "Jeuveau. Its units are units of this product only."
* #letibotulinumtoxinA "letibotulinumtoxinA" "Letybo. Its units are units of this product only."

ValueSet: ToxinProducts
Id: toxin-products
Title: "Botulinum toxin products"
Description: "Codes that name one product. A package whose code is not here has the local code of its product beside it."
* insert Published
* include codes from system ToxinProduct
* $NDC#0023-1145-01 "onabotulinumtoxinA (Botox), 100-unit vial"
* $NDC#0023-3921-02 "onabotulinumtoxinA (Botox), 200-unit vial"
* $RxNorm#1789958 "abobotulinumtoxinA (Dysport), 300 units"
* $RxNorm#860182 "rimabotulinumtoxinB (Myobloc), 5000 units/mL"

Profile: InjectionPlan
Parent: MedicationRequest
Id: injection-plan
Title: "Plan of an injection"
Description: "Which product is to go into which muscles, how much into each: one dosage instruction for each muscle and side. Follows the US Core 8.0.0 profile of MedicationRequest."
* insert Published
* status MS
* intent = #plan
* intent MS
* category MS
* medication[x] only CodeableConcept
* medication[x] from ToxinProducts (required)
* medication[x] MS
* subject only Reference(Patient)
* subject MS
* encounter MS
* authoredOn MS
* requester MS
* reasonReference MS
* dosageInstruction 1.. MS
* dosageInstruction.text MS
* dosageInstruction.site 1.. MS
* dosageInstruction.site from InjectedMuscles (extensible)
* dosageInstruction.site obeys botox-site-1 and botox-site-2
* dosageInstruction.site.extension contains Laterality named laterality 1..1 MS
* dosageInstruction.route MS
* dosageInstruction.doseAndRate 1..1 MS
* dosageInstruction.doseAndRate.dose[x] 1..
* dosageInstruction.doseAndRate.dose[x] only SimpleQuantity
* dosageInstruction.doseAndRate.dose[x] MS
* dosageInstruction.doseAndRate.doseQuantity obeys botox-unit-1
* dosageInstruction.doseAndRate.doseQuantity
  * insert ToxinUnits
* dosageInstruction.doseAndRate.rate[x] 0..0
