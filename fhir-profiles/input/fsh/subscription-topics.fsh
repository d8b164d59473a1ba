// What can be subscribed to once the service has subscriptions: the twins of the Kafka topics. R4 has no SubscriptionTopic: as in the guide
// "Subscriptions R5 Backport", Basic carries its elements as extensions. The URLs are those of R5, which HL7's converter
// reads. Status draft: nobody can subscribe yet.

RuleSet: TopicText(element, value)
* extension[+].url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.{element}"
* extension[=].valueString = {value}

RuleSet: Topic(id, name, title, description)
* code = http://hl7.org/fhir/fhir-types#SubscriptionTopic
* extension[+].url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.url"
* extension[=].valueUri = "https://botoxfhir.org/fhir/SubscriptionTopic/{id}"
* insert TopicText(version, "1.0.0")
* insert TopicText(name, "{name}")
* insert TopicText(title, {title})
* extension[+].url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.date"
* extension[=].valueDateTime = "2026-11-27"
* insert TopicText(publisher, "Botox FHIR service")
* extension[+].url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.description"
* extension[=].valueMarkdown = {description}
* modifierExtension.url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.status"
* modifierExtension.valueCode = #draft

RuleSet: Trigger(type, description)
* extension[+].url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.resourceTrigger"
* extension[=].extension[+].url = "description"
* extension[=].extension[=].valueMarkdown = {description}
* extension[=].extension[+].url = "resource"
* extension[=].extension[=].valueUri = "http://hl7.org/fhir/StructureDefinition/{type}"

RuleSet: OnInteraction(code)
* extension[=].extension[+].url = "supportedInteraction"
* extension[=].extension[=].valueCode = #{code}

// The version before or the one after is such a record: so a first version, a change and an end of it are events, and nothing else is.
RuleSet: BeforeOrAfter(criteria)
* extension[=].extension[+].url = "queryCriteria"
* extension[=].extension[=].extension[+].url = "previous"
* extension[=].extension[=].extension[=].valueString = {criteria}
* extension[=].extension[=].extension[+].url = "resultForCreate"
* extension[=].extension[=].extension[=].valueCode = #test-fails
* extension[=].extension[=].extension[+].url = "current"
* extension[=].extension[=].extension[=].valueString = {criteria}
* extension[=].extension[=].extension[+].url = "resultForDelete"
* extension[=].extension[=].extension[=].valueCode = #test-fails
* extension[=].extension[=].extension[+].url = "requireBoth"
* extension[=].extension[=].extension[=].valueBoolean = false

RuleSet: CanFilterBy(type, parameter, description)
* extension[+].url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.canFilterBy"
* extension[=].extension[+].url = "description"
* extension[=].extension[=].valueMarkdown = {description}
* extension[=].extension[+].url = "resource"
* extension[=].extension[=].valueUri = "http://hl7.org/fhir/StructureDefinition/{type}"
* extension[=].extension[+].url = "filterParameter"
* extension[=].extension[=].valueString = "{parameter}"

RuleSet: NotificationShape(type)
* extension[+].url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-SubscriptionTopic.notificationShape"
* extension[=].extension[+].url = "resource"
* extension[=].extension[=].valueUri = "http://hl7.org/fhir/StructureDefinition/{type}"

RuleSet: Including(include)
* extension[=].extension[+].url = "include"
* extension[=].extension[=].valueString = "{include}"

Instance: symptom-report-topic
InstanceOf: Basic
Usage: #definition
* insert Topic(symptom-report, SymptomReport, "Symptom reports of patients", "A patient's symptom report is submitted\, amended or retracted: who acts on the first must learn of the others\, so it is one topic. A report is an answered questionnaire botox-symptom-report or a single symptom of profile patient-reported-symptom.")
* insert Trigger(QuestionnaireResponse, "A report is completed\, amended\, or no longer there: entered in error\, reopened\, stopped\, deleted")
* insert OnInteraction(create)
* insert OnInteraction(update)
* insert OnInteraction(delete)
* insert BeforeOrAfter("questionnaire=https://botoxfhir.org/fhir/Questionnaire/botox-symptom-report&status=completed\,amended")
* insert Trigger(Observation, "A symptom that was sent on its own is recorded\, changed or deleted")
* insert OnInteraction(create)
* insert OnInteraction(update)
* insert OnInteraction(delete)
* insert BeforeOrAfter("_profile=https://botoxfhir.org/fhir/StructureDefinition/patient-reported-symptom&derived-from:missing=true")
* insert CanFilterBy(QuestionnaireResponse, patient, "The patient")
* insert CanFilterBy(QuestionnaireResponse, triage-urgency, "How urgent triage found the report: emergency\, urgent or routine")
* insert CanFilterBy(Observation, patient, "The patient")
* insert CanFilterBy(Observation, triage-urgency, "How urgent triage found the symptom: emergency\, urgent or routine")
* insert NotificationShape(QuestionnaireResponse)
* insert Including(QuestionnaireResponse:patient)
* insert Including(QuestionnaireResponse:injection)
* insert NotificationShape(Observation)
* insert Including(Observation:patient)
* insert Including(Observation:injection)

Instance: adverse-event-topic
InstanceOf: Basic
Usage: #definition
* insert Topic(adverse-event, AdverseEvent, "Adverse events", "An adverse event is recorded\, changed or deleted: a candidate that came of a symptom report\, or what a clinician writes.")
* insert Trigger(AdverseEvent, "An adverse event is recorded\, changed or deleted")
* insert OnInteraction(create)
* insert OnInteraction(update)
* insert OnInteraction(delete)
* insert CanFilterBy(AdverseEvent, subject, "The patient")
* insert CanFilterBy(AdverseEvent, actuality, "Whether it is potential: a candidate\, or actual")
* insert CanFilterBy(AdverseEvent, seriousness, "How serious it is")
* insert NotificationShape(AdverseEvent)
* insert Including(AdverseEvent:subject)
* insert Including(AdverseEvent:evidence)
* insert Including(AdverseEvent:substance)
