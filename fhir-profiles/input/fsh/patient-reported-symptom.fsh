Profile: PatientReportedSymptom
Parent: Observation
Id: patient-reported-symptom
Title: "Symptom that a patient reported"
Description: "One symptom that a patient reports, in the category survey: out of a report, pointing back to it, or sent on its own. On its own it is a symptom report of one symptom: the service adds the triage result. That the Observation is there says that the symptom is; it has no value."
* insert Published
* . ^short = "Symptom that a patient reported"
* extension contains TriageResult named triageResult 0..1
* extension[triageResult] ^short = "Set by the service on a symptom that is sent on its own"
* status MS
* category MS
* category ^slicing.discriminator.type = #pattern
* category ^slicing.discriminator.path = "$this"
* category ^slicing.rules = #open
* category contains survey 1..1 MS
* category[survey] = $ObservationCategory#survey
* code MS
* code from PatientReportedSymptoms (extensible)
* code ^short = "The symptom; text only when the patient used free words"
* subject only Reference(Patient)
* subject MS
* effective[x] only dateTime
* effective[x] MS
* effective[x] ^short = "When the symptom began"
* issued MS
* issued ^short = "When it was reported"
* value[x] ..0
* derivedFrom only Reference(QuestionnaireResponse)
* derivedFrom MS
* derivedFrom ^short = "The report, for a symptom out of one"
* component MS
* component ^short = "What the patient said about the symptom"
* component.code from SymptomAnswers (extensible)

CodeSystem: SymptomAnswer
Id: symptom-answer
Title: "What a patient says about a symptom"
Description: "Components of the Observation of a patient-reported symptom."
* insert Published
* ^caseSensitive = true
* ^valueSet = "https://botoxfhir.org/fhir/ValueSet/symptom-answer"
* #severity "How bad it is" "The patient's judgement of the severity; the value is a code of the value set symptom-severity where the patient chose one."
* #ongoing "Still there" "Whether the symptom was still there when it was reported; the value is a boolean."
* #detail "Detail" "A detail that the patient gave; the value is a code of the code system symptom-detail where the patient chose one."

ValueSet: SymptomAnswers
Id: symptom-answer
Title: "What a patient says about a symptom"
Description: "All codes of the code system symptom-answer."
* insert Published
* include codes from system SymptomAnswer

ValueSet: PatientReportedSymptoms
Id: patient-reported-symptoms
Title: "Symptoms in the patient's words"
Description: "Symptoms that a patient may report after an injection of botulinum toxin. The display is the patient's wording, the designation the clinical term."
* insert Published
* insert SnomedCopyright
* $SCT#267036007 "Trouble breathing or short of breath"
* $SCT#267036007 ^designation.language = #en
* $SCT#267036007 ^designation.value = "Dyspnea"
* $SCT#373895009 "Struggling to breathe"
* $SCT#373895009 ^designation.language = #en
* $SCT#373895009 ^designation.value = "Acute respiratory distress"
* $SCT#65710008 "Not getting enough air, breathing is failing"
* $SCT#65710008 ^designation.language = #en
* $SCT#65710008 ^designation.value = "Acute respiratory failure"
* $SCT#1023001 "Breathing stops"
* $SCT#1023001 ^designation.language = #en
* $SCT#1023001 ^designation.value = "Apnoea"
* $SCT#40739000 "Trouble swallowing, or choking on food or drink"
* $SCT#40739000 ^designation.language = #en
* $SCT#40739000 ^designation.value = "Dysphagia"
* $SCT#288939007 "Difficulty swallowing"
* $SCT#288939007 ^designation.language = #en
* $SCT#288939007 ^designation.value = "Difficulty swallowing"
* $SCT#288959006 "Cannot swallow my own saliva"
* $SCT#288959006 ^designation.language = #en
* $SCT#288959006 ^designation.value = "Unable to swallow saliva"
* $SCT#68052005 "Food or drink went into the lungs"
* $SCT#68052005 ^designation.language = #en
* $SCT#68052005 ^designation.value = "Pulmonary aspiration"
* $SCT#16617009 "Voice sounds different or weak"
* $SCT#16617009 ^designation.language = #en
* $SCT#16617009 ^designation.value = "Dysphonia"
* $SCT#50219008 "Hoarse voice"
* $SCT#50219008 ^designation.language = #en
* $SCT#50219008 ^designation.value = "Hoarse"
* $SCT#441913003 "Lost my voice"
* $SCT#441913003 ^designation.language = #en
* $SCT#441913003 ^designation.value = "Aphonia"
* $SCT#8011004 "Slurred or unclear speech"
* $SCT#8011004 ^designation.language = #en
* $SCT#8011004 ^designation.value = "Dysarthria"
* $SCT#1137501002 "Weak all over"
* $SCT#1137501002 ^designation.language = #en
* $SCT#1137501002 ^designation.value = "Generalized muscle weakness"
* $SCT#13791008 "No strength in the whole body"
* $SCT#13791008 ^designation.language = #en
* $SCT#13791008 ^designation.value = "Asthenia"
* $SCT#26544005 "Weakness in one area near the injection"
* $SCT#26544005 ^designation.language = #en
* $SCT#26544005 ^designation.value = "Muscle weakness"
* $SCT#24982008 "Double vision"
* $SCT#24982008 ^designation.language = #en
* $SCT#24982008 ^designation.value = "Diplopia"
* $SCT#11934000 "Drooping eyelid"
* $SCT#11934000 ^designation.language = #en
* $SCT#11934000 ^designation.value = "Ptosis of eyelid"
* $SCT#111516008 "Blurred vision"
* $SCT#111516008 ^designation.language = #en
* $SCT#111516008 ^designation.value = "Blurring of visual image"
* $SCT#246636008 "I cannot see sharply"
* $SCT#246636008 ^designation.language = #en
* $SCT#246636008 ^designation.value = "Blurred vision"
* $SCT#165232002 "Leaking urine, and this is new"
* $SCT#165232002 ^designation.language = #en
* $SCT#165232002 ^designation.value = "Urinary incontinence"
* $SCT#267064002 "Cannot pass urine"
* $SCT#267064002 ^designation.language = #en
* $SCT#267064002 ^designation.value = "Retention of urine"
* $SCT#68566005 "Painful or frequent urine, bladder infection"
* $SCT#68566005 ^designation.language = #en
* $SCT#68566005 ^designation.value = "Urinary tract infection"
* $SCT#39579001 "Severe allergic reaction"
* $SCT#39579001 ^designation.language = #en
* $SCT#39579001 ^designation.value = "Anaphylaxis"
* $SCT#735173007 "Collapse from a severe allergic reaction"
* $SCT#735173007 ^designation.language = #en
* $SCT#735173007 ^designation.value = "Anaphylactic shock"
* $SCT#419076005 "Allergic reaction"
* $SCT#419076005 ^designation.language = #en
* $SCT#419076005 ^designation.value = "Allergic reaction"
* $SCT#126485001 "Hives"
* $SCT#126485001 ^designation.language = #en
* $SCT#126485001 ^designation.value = "Urticaria"
* $SCT#271807003 "Rash"
* $SCT#271807003 ^designation.language = #en
* $SCT#271807003 ^designation.value = "Rash"
* $SCT#418363000 "Itching"
* $SCT#418363000 ^designation.language = #en
* $SCT#418363000 ^designation.value = "Pruritus"
* $SCT#271594007 "Fainting"
* $SCT#271594007 ^designation.language = #en
* $SCT#271594007 ^designation.value = "Syncope"
* $SCT#404640003 "Dizziness"
* $SCT#404640003 ^designation.language = #en
* $SCT#404640003 ^designation.value = "Dizziness"
* $SCT#81680005 "Neck pain"
* $SCT#81680005 ^designation.language = #en
* $SCT#81680005 ^designation.value = "Neck pain"
* $SCT#25064002 "Headache"
* $SCT#25064002 ^designation.language = #en
* $SCT#25064002 ^designation.value = "Headache"
* $SCT#95666008 "Weakness of the face"
* $SCT#95666008 ^designation.language = #en
* $SCT#95666008 ^designation.value = "Weakness of face muscles"
* $SCT#162290004 "Dry eye"
* $SCT#162290004 ^designation.language = #en
* $SCT#162290004 ^designation.value = "Dry eye"
* $SCT#41652007 "Eye pain"
* $SCT#41652007 ^designation.language = #en
* $SCT#41652007 ^designation.value = "Eye pain"
* $SCT#409668002 "Light hurts my eyes"
* $SCT#409668002 ^designation.language = #en
* $SCT#409668002 ^designation.value = "Photophobia"
* $SCT#87715008 "Dry mouth"
* $SCT#87715008 ^designation.language = #en
* $SCT#87715008 ^designation.value = "Dry mouth"
* $SCT#84229001 "Tiredness"
* $SCT#84229001 ^designation.language = #en
* $SCT#84229001 ^designation.value = "Fatigue"
* $SCT#422587007 "Nausea"
* $SCT#422587007 ^designation.language = #en
* $SCT#422587007 ^designation.value = "Nausea"
* $SCT#95891005 "Feeling as with flu"
* $SCT#95891005 ^designation.language = #en
* $SCT#95891005 ^designation.value = "Influenza-like illness"
* $SCT#68962001 "Muscle pain"
* $SCT#68962001 ^designation.language = #en
* $SCT#68962001 ^designation.value = "Muscle pain"
