// Patient and practitioner, with what US Core 8.0.0 asks of them.

Invariant: botox-name-1
Description: "A name has a family name, a given name, or the reason why neither is known"
Severity: #error
Expression: "family.exists() or given.exists() or extension('http://hl7.org/fhir/StructureDefinition/data-absent-reason').exists()"

Invariant: botox-pat-1
Description: "Without a birth date nobody knows that a patient is a child, for whom the spread of the toxin is most dangerous"
Severity: #warning
Expression: "birthDate.exists()"

Profile: BotoxPatient
Parent: Patient
Id: botox-patient
Title: "Patient"
Description: "Who is treated with botulinum toxin, or reports a symptom after it."
* insert Published
* identifier 1.. MS
* identifier.system 1.. MS
* identifier.value 1.. MS
* name 1.. MS
* name obeys botox-name-1
* name.family MS
* name.given MS
* telecom MS
* telecom.system 1.. MS
* telecom.value 1.. MS
* telecom.use MS
* gender 1.. MS
* birthDate MS
* address MS
* address.line MS
* address.city MS
* address.state MS
* address.postalCode MS
* communication MS
* communication.language MS
* obeys botox-pat-1

Profile: BotoxPractitioner
Parent: Practitioner
Id: botox-practitioner
Title: "Practitioner"
Description: "Who injects, assists or records."
* insert Published
* identifier 1.. MS
* identifier.system 1.. MS
* identifier.value 1.. MS
* name 1.. MS
* name.family 1.. MS
* telecom MS
* address MS
