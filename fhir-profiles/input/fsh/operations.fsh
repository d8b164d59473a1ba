Instance: triage
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, triage)
* name = "Triage"
* title = "Triage of a symptom report that is not sent"
* kind = #operation
* description = "Answers what a symptom report would be answered if it were sent now: how urgent it is and by which rules, what the patient should do, and the injections on file that it may be about. Stores, publishes and counts nothing. Takes a report in whatever status, a draft too, and of whatever subject. It advises on urgency and names no cause."
* affectsState = false
* code = #triage
* comment = "The body is the report itself, or Parameters with the report as `resource`: a QuestionnaireResponse to the questionnaire botox-symptom-report, or an Observation of profile patient-reported-symptom. Anything else is refused with 422, no report at all with 400."
* resource[0] = #QuestionnaireResponse
* resource[+] = #Observation
* system = false
* type = true
* instance = false
* parameter[0].name = #resource
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The report, of the type that the operation is called on."
* parameter[=].type = #Resource
* parameter[+].name = #report
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The report as it would be stored, with the extension triage-result."
* parameter[=].type = #Resource
* parameter[+].name = #outcome
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What the sender would be told. The first issue is what the patient should do now; further ones name what could not be read or is not on file."
* parameter[=].type = #OperationOutcome

Instance: validate
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, validate)
* name = "Validate"
* title = "Whether a resource would be taken"
* kind = #operation
* description = "Says whether a resource is valid FHIR R4: structure, cardinality, datatypes, invariants and required bindings as far as the code systems are known here, and the profiles that it claims or that are asked for. Stores nothing."
* affectsState = false
* code = #validate
* comment = "The body is the resource itself, or Parameters with it as `resource`. Of an instance without a body, what is stored is validated. A deletion is valid when it would be carried out. Codes of SNOMED CT, LOINC and other systems that do not ship with R4 are not checked: the outcome says so."
* base = "http://hl7.org/fhir/OperationDefinition/Resource-validate"
* resource = #Resource
* system = false
* type = true
* instance = true
* parameter[0].name = #resource
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "What is to be validated; not with mode delete."
* parameter[=].type = #Resource
* parameter[+].name = #mode
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "`create`: an id is left aside. `update`: the id of the URL must be that of the resource. `delete`: the resource of the URL. Each is carried out and taken back, so that references, too, are looked at."
* parameter[=].type = #code
* parameter[+].name = #profile
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "A profile that the resource must conform to beside those that it claims; 400 when it is unknown."
* parameter[=].type = #uri
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What was found; without any issue of severity error the resource is valid."
* parameter[=].type = #OperationOutcome

Instance: everything
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, everything)
* name = "Everything"
* title = "A patient's whole record"
* kind = #operation
* description = "Answers with the Patient, everything in the patient's compartment, and what these refer to, each once. Records of other patients do not come along, whoever refers to them."
* affectsState = false
* code = #everything
* comment = "Paged: follow the link `next`. The Patient comes first, then the compartment, last what these refer to. Only of one Patient: for the records of all, search type by type. With POST the parameters may come as Parameters."
* base = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
* resource = #Patient
* system = false
* type = false
* instance = true
* parameter[0].name = #start
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Care that ended before it is left out. What counts is the date that the type is read by (Procedure performed, Observation effective, Encounter and CarePlan period, MedicationAdministration effective, MedicationRequest authoredOn, QuestionnaireResponse authored, AdverseEvent date); a Condition lasts until its abatement. What has no date stays."
* parameter[=].type = #date
* parameter[+].name = #end
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Care that began after it is left out, by the same dates; of a Condition by recordedDate."
* parameter[=].type = #date
* parameter[+].name = #_since
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "The Patient and records that were written before are left out. What the records that are left refer to comes whenever it was written."
* parameter[=].type = #instant
* parameter[+].name = #_type
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "Only these types, separated by commas; also of what is referred to."
* parameter[=].type = #code
* parameter[+].name = #_count
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Resources in a page."
* parameter[=].type = #integer
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "A searchset: compartment as match, what it refers to as include."
* parameter[=].type = #Bundle

Instance: purge-export
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, purge-export)
* name = "PurgeExport"
* title = "A patient's record before it is erased"
* kind = #operation
* description = "Answers with all versions of all resources that $purge would erase, deletions included. The last page has the confirmation that $purge asks for."
* affectsState = false
* code = #purge-export
* comment = "Paged: follow the link `next` to the last page, whose `identifier` (system https://botoxfhir.org/fhir/purge-confirmation) is the confirmation. A record that changes meanwhile is 409: begin again. Takes one of the scopes user/Patient.$purge, system/Patient.$purge."
* resource = #Patient
* system = false
* type = false
* instance = true
* parameter[0].name = #_count
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Versions in a page."
* parameter[=].type = #integer
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "A history; `total` is on the first page, `identifier` on the last."
* parameter[=].type = #Bundle

Instance: purge
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, purge)
* name = "Purge"
* title = "Erase a patient's record"
* kind = #operation
* description = "Erases all versions of the Patient and of everything that is part of the patient's record, for good and all at once. What is left is that there was something under these ids; they are not given again."
* affectsState = true
* code = #purge
* comment = "As in FHIR R6 (http://hl7.org/fhir/OperationDefinition/Patient-purge), but for the confirmation: nothing is erased that was not exported by $purge-export. 409 when the record has changed since, when resources outside of it refer to the patient, or while events of it wait for publication. Called again it answers 200. Takes one of the scopes user/Patient.$purge, system/Patient.$purge."
* resource = #Patient
* system = false
* type = false
* instance = true
* parameter[0].name = #confirmation
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The identifier of the last page of $purge-export."
* parameter[=].type = #string
* parameter[+].name = #leaveReferences
* parameter[=].use = #in
* parameter[=].min = 0
* parameter[=].max = "1"
* parameter[=].documentation = "Whether resources that are no part of the record may go on referring to it; without it they are named with 409."
* parameter[=].type = #boolean
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What was erased, and the key under which the topics hold events of the patient."
* parameter[=].type = #OperationOutcome

Instance: meta
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, meta)
* name = "Meta"
* title = "Profiles, tags and security labels of a resource"
* kind = #operation
* description = "Answers with the profiles, tags and security labels of the current version of a resource, or of the version in the URL."
* affectsState = false
* code = #meta
* comment = "Of a type or the whole system it is not offered: search by _tag, _profile and _security."
* base = "http://hl7.org/fhir/OperationDefinition/Resource-meta"
* resource = #Resource
* system = false
* type = false
* instance = true
* parameter.name = #return
* parameter.use = #out
* parameter.min = 1
* parameter.max = "1"
* parameter.documentation = "The profiles, tags and security labels; without the version and its time."
* parameter.type = #Meta

Instance: meta-add
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, meta-add)
* name = "MetaAdd"
* title = "Add profiles, tags and security labels"
* kind = #operation
* description = "Adds profiles, tags and security labels to the current version of a resource, or the version in the URL. It makes no new version and publishes no event; searches know it at once."
* affectsState = true
* code = #meta-add
* comment = "What is there already is added once. A tag or label is the same when system and code are. A deletion has nothing to change: 410."
* base = "http://hl7.org/fhir/OperationDefinition/Resource-meta-add"
* resource = #Resource
* system = false
* type = false
* instance = true
* parameter[0].name = #meta
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The profiles, tags and security labels; anything else in it is refused."
* parameter[=].type = #Meta
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What the resource has then."
* parameter[=].type = #Meta

Instance: meta-delete
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, meta-delete)
* name = "MetaDelete"
* title = "Remove profiles, tags and security labels"
* kind = #operation
* description = "Removes profiles, tags and security labels from the current version of a resource, or the version in the URL. It makes no new version and publishes no event; searches know it at once."
* affectsState = true
* code = #meta-delete
* comment = "What is not there is no error. A tag or label is the same when system and code are. A deletion has nothing to change: 410."
* base = "http://hl7.org/fhir/OperationDefinition/Resource-meta-delete"
* resource = #Resource
* system = false
* type = false
* instance = true
* parameter[0].name = #meta
* parameter[=].use = #in
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "The profiles, tags and security labels; anything else in it is refused."
* parameter[=].type = #Meta
* parameter[+].name = #return
* parameter[=].use = #out
* parameter[=].min = 1
* parameter[=].max = "1"
* parameter[=].documentation = "What the resource has then."
* parameter[=].type = #Meta
