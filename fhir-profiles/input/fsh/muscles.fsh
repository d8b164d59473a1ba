CodeSystem: InjectionArea
Id: injection-area
Title: "Injected muscles without a published code"
Description: "Muscles and muscle areas of the injection patterns for which no code of a public terminology could be confirmed. Used beside the code of their region."
* insert Published
* ^caseSensitive = true
* #corrugator "Corrugator supercilii" "The muscle that draws the eyebrow down and inwards; left and right."
* #procerus "Procerus" "The muscle between the eyebrows, in the midline."
* #occipitalis "Occipitalis" "The muscle at the back of the scalp; left and right."
* #scalene "Scalene muscles" "The scalene muscles of one side, where it is not told which of them; left and right."
* #longissimus-capitis "Longissimus capitis" "The part of the longissimus that goes to the head; left and right."
* #flexor-hallucis-longus "Flexor hallucis longus" "The long muscle that bends the big toe; left and right."
* #cervical-paraspinal "Cervical paraspinal muscles" "The muscles beside the upper cervical spine, taken as one area; left and right."

ValueSet: InjectedMuscles
Id: injected-muscles
Title: "Injected muscles"
Description: "Muscles that are injected: their SNOMED CT code where its name could be confirmed, else that of their region, with the ISO/IEEE 11073-10101 code (of no side, left, right) or the local code beside it."
* insert Published
* insert SnomedCopyright
* $SCT#52927003 "Structure of temporalis muscle"
* $SCT#31764008 "Trapezius muscle"
* $SCT#22823000 "Structure of sternocleidomastoid muscle"
* $SCT#11327007 "Levator scapulae"
* $SCT#50755001 "Scalenus anterior"
* $SCT#38630006 "Scalenus medius"
* $SCT#58162002 "Scalenus posterior"
* $SCT#88340001 "Longissimus"
* $SCT#79368004 "Masseter"
* $SCT#24937009 "Medial rectus of eye"
* $SCT#31836009 "Lateral rectus of eye"
* $SCT#5815008 "Superior rectus of eye"
* $SCT#47869003 "Inferior rectus of eye"
* $SCT#66041005 "Superior oblique of eye"
* $SCT#57516003 "Inferior oblique of eye"
* $SCT#58641002 "Levator palpebrae superioris"
* $SCT#22688005 "Muscle of head"
* $SCT#81727001 "Muscle of neck"
* $SCT#30608006 "Muscle of upper limb"
* $SCT#102292000 "Muscle of lower limb"
* include codes from system InjectionArea
* $ISO11073#459040 "Frontalis"
* $ISO11073#459041 "Frontalis, left"
* $ISO11073#459042 "Frontalis, right"
* $ISO11073#459104 "Temporalis"
* $ISO11073#459105 "Temporalis, left"
* $ISO11073#459106 "Temporalis, right"
* $ISO11073#459188 "Trapezius"
* $ISO11073#459189 "Trapezius, left"
* $ISO11073#459190 "Trapezius, right"
* $ISO11073#459152 "Sternocleidomastoid"
* $ISO11073#459153 "Sternocleidomastoid, left"
* $ISO11073#459154 "Sternocleidomastoid, right"
* $ISO11073#459212 "Splenius capitis"
* $ISO11073#459213 "Splenius capitis, left"
* $ISO11073#459214 "Splenius capitis, right"
* $ISO11073#459216 "Splenius cervicis"
* $ISO11073#459217 "Splenius cervicis, left"
* $ISO11073#459218 "Splenius cervicis, right"
* $ISO11073#459204 "Levator scapulae"
* $ISO11073#459205 "Levator scapulae, left"
* $ISO11073#459206 "Levator scapulae, right"
* $ISO11073#459256 "Semispinalis capitis"
* $ISO11073#459257 "Semispinalis capitis, left"
* $ISO11073#459258 "Semispinalis capitis, right"
* $ISO11073#459252 "Semispinalis cervicis"
* $ISO11073#459253 "Semispinalis cervicis, left"
* $ISO11073#459254 "Semispinalis cervicis, right"
* $ISO11073#459044 "Orbicularis oculi"
* $ISO11073#459045 "Orbicularis oculi, left"
* $ISO11073#459046 "Orbicularis oculi, right"
* $ISO11073#459380 "Biceps brachii"
* $ISO11073#459381 "Biceps brachii, left"
* $ISO11073#459382 "Biceps brachii, right"
* $ISO11073#459384 "Brachialis"
* $ISO11073#459385 "Brachialis, left"
* $ISO11073#459386 "Brachialis, right"
* $ISO11073#459444 "Brachioradialis"
* $ISO11073#459445 "Brachioradialis, left"
* $ISO11073#459446 "Brachioradialis, right"
* $ISO11073#459416 "Flexor carpi radialis"
* $ISO11073#459417 "Flexor carpi radialis, left"
* $ISO11073#459418 "Flexor carpi radialis, right"
* $ISO11073#459424 "Flexor carpi ulnaris"
* $ISO11073#459425 "Flexor carpi ulnaris, left"
* $ISO11073#459426 "Flexor carpi ulnaris, right"
* $ISO11073#459432 "Flexor digitorum profundus"
* $ISO11073#459433 "Flexor digitorum profundus, left"
* $ISO11073#459434 "Flexor digitorum profundus, right"
* $ISO11073#459428 "Flexor digitorum superficialis"
* $ISO11073#459429 "Flexor digitorum superficialis, left"
* $ISO11073#459430 "Flexor digitorum superficialis, right"
* $ISO11073#459436 "Flexor pollicis longus"
* $ISO11073#459437 "Flexor pollicis longus, left"
* $ISO11073#459438 "Flexor pollicis longus, right"
* $ISO11073#459504 "Adductor pollicis"
* $ISO11073#459505 "Adductor pollicis, left"
* $ISO11073#459506 "Adductor pollicis, right"
* $ISO11073#459412 "Pronator teres"
* $ISO11073#459413 "Pronator teres, left"
* $ISO11073#459414 "Pronator teres, right"
* $ISO11073#459672 "Gastrocnemius"
* $ISO11073#459673 "Gastrocnemius, left"
* $ISO11073#459674 "Gastrocnemius, right"
* $ISO11073#459680 "Gastrocnemius, medial head"
* $ISO11073#459681 "Gastrocnemius, medial head, left"
* $ISO11073#459682 "Gastrocnemius, medial head, right"
* $ISO11073#459676 "Gastrocnemius, lateral head"
* $ISO11073#459677 "Gastrocnemius, lateral head, left"
* $ISO11073#459678 "Gastrocnemius, lateral head, right"
* $ISO11073#459684 "Soleus"
* $ISO11073#459685 "Soleus, left"
* $ISO11073#459686 "Soleus, right"
* $ISO11073#459696 "Tibialis posterior"
* $ISO11073#459697 "Tibialis posterior, left"
* $ISO11073#459698 "Tibialis posterior, right"
* $ISO11073#459700 "Flexor digitorum longus"
* $ISO11073#459701 "Flexor digitorum longus, left"
* $ISO11073#459702 "Flexor digitorum longus, right"

ValueSet: InjectedSide
Id: injected-side
Title: "Side of an injected muscle"
Description: "One muscle has one side: both sides are two records."
* insert Published
* insert SnomedCopyright
* $SCT#7771000 "Left"
* $SCT#24028007 "Right"
* $SCT#261129000 "Midline"

Extension: Laterality
Id: laterality
Title: "Side of a body site"
Description: "R4 has no element for the side of a body site, and several codings of one concept must mean the same: the side of the muscle that the concept names."
Context: CodeableConcept
* insert Published
* . 0..1
* . ^short = "Left, right or midline"
* value[x] 1..
* value[x] only CodeableConcept
* valueCodeableConcept from InjectedSide (required)

Invariant: botox-site-1
Description: "The procerus lies in the midline"
Severity: #error
Expression: "coding.where(system = 'https://botoxfhir.org/fhir/CodeSystem/injection-area' and code = 'procerus').exists() implies extension('https://botoxfhir.org/fhir/StructureDefinition/laterality').value.coding.all(code = '261129000')"

Invariant: botox-site-2
Description: "An ISO/IEEE 11073-10101 code of a left or right muscle is of the side that is recorded: it is 1 above a multiple of 4 for the left one, 2 for the right one"
Severity: #error
Expression: "(coding.where(system = 'urn:iso:std:iso:11073:10101' and code.matches('^[0-9]{1,9}$') and code.toInteger() mod 4 = 1).exists() implies extension('https://botoxfhir.org/fhir/StructureDefinition/laterality').value.coding.all(code = '7771000')) and (coding.where(system = 'urn:iso:std:iso:11073:10101' and code.matches('^[0-9]{1,9}$') and code.toInteger() mod 4 = 2).exists() implies extension('https://botoxfhir.org/fhir/StructureDefinition/laterality').value.coding.all(code = '24028007'))"

Instance: muscles-to-11073
InstanceOf: ConceptMap
Usage: #definition
* insert PublishedInstance(ConceptMap, muscles-to-11073)
* name = "MusclesTo11073"
* title = "Muscles from SNOMED CT to ISO/IEEE 11073-10101"
* description = "The code of the muscle without a side; the left one is 1, the right one 2 higher."
* group[0].source = "http://snomed.info/sct"
* group[=].target = "urn:iso:std:iso:11073:10101"
* group[=].element[0].code = #52927003
* group[=].element[=].display = "Structure of temporalis muscle"
* group[=].element[=].target.code = #459104
* group[=].element[=].target.display = "Temporalis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #31764008
* group[=].element[=].display = "Trapezius muscle"
* group[=].element[=].target.code = #459188
* group[=].element[=].target.display = "Trapezius"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #22823000
* group[=].element[=].display = "Structure of sternocleidomastoid muscle"
* group[=].element[=].target.code = #459152
* group[=].element[=].target.display = "Sternocleidomastoid"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #11327007
* group[=].element[=].display = "Levator scapulae"
* group[=].element[=].target.code = #459204
* group[=].element[=].target.display = "Levator scapulae"
* group[=].element[=].target.equivalence = #equivalent

Instance: muscles-to-uberon
InstanceOf: ConceptMap
Usage: #definition
* insert PublishedInstance(ConceptMap, muscles-to-uberon)
* name = "MusclesToUberon"
* title = "Muscles to the Uberon anatomy ontology"
* description = "Identifiers of Uberon, to look a muscle up in open anatomy data. Where Uberon only has the group or a part of the muscle the equivalence says so."
* group[0].source = "http://snomed.info/sct"
* group[=].target = "http://purl.obolibrary.org/obo/uberon.owl"
* group[=].element[0].code = #52927003
* group[=].element[=].display = "Structure of temporalis muscle"
* group[=].element[=].target.code = #UBERON_0001598
* group[=].element[=].target.display = "Temporalis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #31764008
* group[=].element[=].display = "Trapezius muscle"
* group[=].element[=].target.code = #UBERON_0002380
* group[=].element[=].target.display = "Trapezius"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #22823000
* group[=].element[=].display = "Structure of sternocleidomastoid muscle"
* group[=].element[=].target.code = #UBERON_0001128
* group[=].element[=].target.display = "Sternocleidomastoid"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #11327007
* group[=].element[=].display = "Levator scapulae"
* group[=].element[=].target.code = #UBERON_0005461
* group[=].element[=].target.display = "Levator scapulae"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #50755001
* group[=].element[=].display = "Scalenus anterior"
* group[=].element[=].target.code = #UBERON_0008611
* group[=].element[=].target.display = "Scalene (group)"
* group[=].element[=].target.equivalence = #wider
* group[=].element[+].code = #38630006
* group[=].element[=].display = "Scalenus medius"
* group[=].element[=].target.code = #UBERON_0008611
* group[=].element[=].target.display = "Scalene (group)"
* group[=].element[=].target.equivalence = #wider
* group[=].element[+].code = #58162002
* group[=].element[=].display = "Scalenus posterior"
* group[=].element[=].target.code = #UBERON_0008611
* group[=].element[=].target.display = "Scalene (group)"
* group[=].element[=].target.equivalence = #wider
* group[=].element[+].code = #88340001
* group[=].element[=].display = "Longissimus"
* group[=].element[=].target.code = #UBERON_0001403
* group[=].element[=].target.display = "Longissimus capitis"
* group[=].element[=].target.equivalence = #narrower
* group[=].element[=].target.comment = "The longissimus has further parts."
* group[+].source = "urn:iso:std:iso:11073:10101"
* group[=].target = "http://purl.obolibrary.org/obo/uberon.owl"
* group[=].element[0].code = #459040
* group[=].element[=].display = "Frontalis"
* group[=].element[=].target.code = #UBERON_0010952
* group[=].element[=].target.display = "Frontalis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459104
* group[=].element[=].display = "Temporalis"
* group[=].element[=].target.code = #UBERON_0001598
* group[=].element[=].target.display = "Temporalis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459188
* group[=].element[=].display = "Trapezius"
* group[=].element[=].target.code = #UBERON_0002380
* group[=].element[=].target.display = "Trapezius"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459152
* group[=].element[=].display = "Sternocleidomastoid"
* group[=].element[=].target.code = #UBERON_0001128
* group[=].element[=].target.display = "Sternocleidomastoid"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459212
* group[=].element[=].display = "Splenius capitis"
* group[=].element[=].target.code = #UBERON_0000711
* group[=].element[=].target.display = "Splenius capitis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459216
* group[=].element[=].display = "Splenius cervicis"
* group[=].element[=].target.code = #UBERON_0008544
* group[=].element[=].target.display = "Splenius cervicis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459204
* group[=].element[=].display = "Levator scapulae"
* group[=].element[=].target.code = #UBERON_0005461
* group[=].element[=].target.display = "Levator scapulae"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459256
* group[=].element[=].display = "Semispinalis capitis"
* group[=].element[=].target.code = #UBERON_0001409
* group[=].element[=].target.display = "Semispinalis capitis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459252
* group[=].element[=].display = "Semispinalis cervicis"
* group[=].element[=].target.code = #UBERON_0001408
* group[=].element[=].target.display = "Semispinalis cervicis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459044
* group[=].element[=].display = "Orbicularis oculi"
* group[=].element[=].target.code = #UBERON_0001578
* group[=].element[=].target.display = "Orbicularis oculi"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459380
* group[=].element[=].display = "Biceps brachii"
* group[=].element[=].target.code = #UBERON_0001507
* group[=].element[=].target.display = "Biceps brachii"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459384
* group[=].element[=].display = "Brachialis"
* group[=].element[=].target.code = #UBERON_0001506
* group[=].element[=].target.display = "Brachialis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459444
* group[=].element[=].display = "Brachioradialis"
* group[=].element[=].target.code = #UBERON_0011011
* group[=].element[=].target.display = "Brachioradialis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459416
* group[=].element[=].display = "Flexor carpi radialis"
* group[=].element[=].target.code = #UBERON_0001521
* group[=].element[=].target.display = "Flexor carpi radialis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459424
* group[=].element[=].display = "Flexor carpi ulnaris"
* group[=].element[=].target.code = #UBERON_0001522
* group[=].element[=].target.display = "Flexor carpi ulnaris"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459432
* group[=].element[=].display = "Flexor digitorum profundus"
* group[=].element[=].target.code = #UBERON_0001523
* group[=].element[=].target.display = "Flexor digitorum profundus"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459428
* group[=].element[=].display = "Flexor digitorum superficialis"
* group[=].element[=].target.code = #UBERON_0003222
* group[=].element[=].target.display = "Flexor digitorum superficialis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459436
* group[=].element[=].display = "Flexor pollicis longus"
* group[=].element[=].target.code = #UBERON_0008446
* group[=].element[=].target.display = "Flexor pollicis longus"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459504
* group[=].element[=].display = "Adductor pollicis"
* group[=].element[=].target.code = #UBERON_0002962
* group[=].element[=].target.display = "Adductor pollicis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459412
* group[=].element[=].display = "Pronator teres"
* group[=].element[=].target.code = #UBERON_0001520
* group[=].element[=].target.display = "Pronator teres"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459672
* group[=].element[=].display = "Gastrocnemius"
* group[=].element[=].target.code = #UBERON_0001388
* group[=].element[=].target.display = "Gastrocnemius"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459680
* group[=].element[=].display = "Gastrocnemius, medial head"
* group[=].element[=].target.code = #UBERON_0001388
* group[=].element[=].target.display = "Gastrocnemius"
* group[=].element[=].target.equivalence = #wider
* group[=].element[+].code = #459676
* group[=].element[=].display = "Gastrocnemius, lateral head"
* group[=].element[=].target.code = #UBERON_0001388
* group[=].element[=].target.display = "Gastrocnemius"
* group[=].element[=].target.equivalence = #wider
* group[=].element[+].code = #459684
* group[=].element[=].display = "Soleus"
* group[=].element[=].target.code = #UBERON_0001389
* group[=].element[=].target.display = "Soleus"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459696
* group[=].element[=].display = "Tibialis posterior"
* group[=].element[=].target.code = #UBERON_0001667
* group[=].element[=].target.display = "Tibialis posterior"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #459700
* group[=].element[=].display = "Flexor digitorum longus"
* group[=].element[=].target.code = #UBERON_0001666
* group[=].element[=].target.display = "Flexor digitorum longus"
* group[=].element[=].target.equivalence = #equivalent
* group[+].source = "https://botoxfhir.org/fhir/CodeSystem/injection-area"
* group[=].target = "http://purl.obolibrary.org/obo/uberon.owl"
* group[=].element[0].code = #procerus
* group[=].element[=].display = "Procerus"
* group[=].element[=].target.code = #UBERON_0008588
* group[=].element[=].target.display = "Procerus"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #occipitalis
* group[=].element[=].display = "Occipitalis"
* group[=].element[=].target.code = #UBERON_0010947
* group[=].element[=].target.display = "Occipitalis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #scalene
* group[=].element[=].display = "Scalene muscles"
* group[=].element[=].target.code = #UBERON_0008611
* group[=].element[=].target.display = "Scalene (group)"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #longissimus-capitis
* group[=].element[=].display = "Longissimus capitis"
* group[=].element[=].target.code = #UBERON_0001403
* group[=].element[=].target.display = "Longissimus capitis"
* group[=].element[=].target.equivalence = #equivalent
* group[=].element[+].code = #flexor-hallucis-longus
* group[=].element[=].display = "Flexor hallucis longus"
* group[=].element[=].target.code = #UBERON_0001392
* group[=].element[=].target.display = "Flexor hallucis longus"
* group[=].element[=].target.equivalence = #equivalent
