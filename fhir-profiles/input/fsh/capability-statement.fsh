// What a client may rely on, whoever runs the service: the least of it. What an instance has beyond that is in its /metadata.

RuleSet: Readable(type)
* rest.resource[+].type = #{type}
* rest.resource[=].interaction[+].code = #read
* rest.resource[=].interaction[+].code = #vread
* rest.resource[=].interaction[+].code = #search-type

RuleSet: Writable(type)
* insert Readable({type})
* rest.resource[=].interaction[+].code = #history-instance
* rest.resource[=].interaction[+].code = #create
* rest.resource[=].interaction[+].code = #update
* rest.resource[=].interaction[+].code = #patch
* rest.resource[=].interaction[+].code = #delete
* rest.resource[=].versioning = #versioned-update
* rest.resource[=].updateCreate = true
* rest.resource[=].conditionalCreate = true
* rest.resource[=].conditionalUpdate = true
* insert Offers(validate)
* insert Offers(meta)
* insert Offers(meta-add)
* insert Offers(meta-delete)
* insert By(_id, token)
* insert By(_lastUpdated, date)
* insert By(_tag, token)
* insert By(_profile, uri)

RuleSet: Profiled(profile)
* rest.resource[=].supportedProfile[+] = "https://botoxfhir.org/fhir/StructureDefinition/{profile}"

RuleSet: By(name, type)
* rest.resource[=].searchParam[+].name = "{name}"
* rest.resource[=].searchParam[=].type = #{type}

RuleSet: ByOurs(name, type)
* insert By({name}, {type})
* rest.resource[=].searchParam[=].definition = "https://botoxfhir.org/fhir/SearchParameter/{name}"

RuleSet: Offers(operation)
* rest.resource[=].operation[+].name = "{operation}"
* rest.resource[=].operation[=].definition = "https://botoxfhir.org/fhir/OperationDefinition/{operation}"

Instance: botox-fhir-server
InstanceOf: CapabilityStatement
Usage: #definition
* insert PublishedInstance(CapabilityStatement, botox-fhir-server)
* name = "BotoxFhirServer"
* title = "What a client may rely on"
* description = "Types, profiles, searches and operations that an EHR, a portal or a patient app may rely on. An instance may have more: its CapabilityStatement at /metadata says what."
* kind = #requirements
* fhirVersion = #4.0.1
* format[0] = #json
* format[+] = #xml
* rest.mode = #server
* rest.interaction[0].code = #transaction
* rest.interaction[+].code = #batch
* rest.interaction[+].code = #search-system
* rest.interaction[+].code = #history-system
* insert Writable(Patient)
* insert Profiled(botox-patient)
* insert By(identifier, token)
* insert By(name, string)
* insert By(family, string)
* insert By(given, string)
* insert By(birthdate, date)
* insert By(gender, token)
* insert Offers(everything)
* insert Writable(Practitioner)
* insert Profiled(botox-practitioner)
* insert By(identifier, token)
* insert By(name, string)
* insert Writable(Condition)
* insert Profiled(treatment-indication)
* insert By(patient, reference)
* insert By(category, token)
* insert By(code, token)
* insert By(clinical-status, token)
* insert By(onset-date, date)
* insert By(recorded-date, date)
* insert By(encounter, reference)
* insert Writable(MedicationRequest)
* insert Profiled(injection-plan)
* insert By(patient, reference)
* insert By(status, token)
* insert By(intent, token)
* insert By(authoredon, date)
* insert By(encounter, reference)
* insert Writable(Medication)
* insert Profiled(botulinum-toxin-product)
* insert By(code, token)
* insert By(lot-number, token)
* insert By(expiration-date, date)
* insert Writable(Procedure)
* insert Profiled(botulinum-toxin-injection)
* insert Profiled(emg-guidance)
* insert By(patient, reference)
* insert By(date, date)
* insert By(code, token)
* insert By(status, token)
* insert By(part-of, reference)
* insert By(performer, reference)
* insert By(reason-reference, reference)
* insert Writable(MedicationAdministration)
* insert Profiled(botulinum-toxin-administration)
* insert By(patient, reference)
* insert By(effective-time, date)
* insert By(medication, reference)
* insert By(status, token)
* insert Writable(QuestionnaireResponse)
* insert Profiled(symptom-report)
* insert By(patient, reference)
* insert By(authored, date)
* insert By(identifier, token)
* insert By(questionnaire, reference)
* insert By(status, token)
* insert ByOurs(triage-urgency, token)
* insert ByOurs(triage-rule, token)
* insert ByOurs(injection, reference)
* insert Offers(triage)
* insert Writable(Observation)
* insert Profiled(patient-reported-symptom)
* insert Profiled(headache-days)
* insert Profiled(hit-6-total)
* insert Profiled(midas-total)
* insert Profiled(modified-ashworth-score)
* insert Profiled(pain-score)
* insert Profiled(treatment-effect-time)
* insert By(patient, reference)
* insert By(category, token)
* insert By(code, token)
* insert By(date, date)
* insert By(status, token)
* insert By(derived-from, reference)
* insert By(part-of, reference)
* insert By(value-quantity, quantity)
* insert By(value-concept, token)
* insert ByOurs(triage-urgency, token)
* insert ByOurs(triage-rule, token)
* insert ByOurs(injection, reference)
* insert Offers(triage)
* insert Writable(AdverseEvent)
* insert Profiled(suspected-adverse-event)
* insert By(subject, reference)
* insert By(date, date)
* insert By(event, token)
* insert By(actuality, token)
* insert By(seriousness, token)
* insert By(severity, token)
* insert By(substance, reference)
* insert ByOurs(evidence, reference)
* insert Readable(Questionnaire)
* insert By(url, uri)
* insert Readable(StructureDefinition)
* insert By(url, uri)
* insert Readable(ValueSet)
* insert By(url, uri)
* insert Readable(CodeSystem)
* insert By(url, uri)
* insert Readable(SearchParameter)
* insert By(url, uri)
* insert Readable(OperationDefinition)
* insert By(url, uri)
