// The terminology operations. R4's own definitions say more parameters than are taken here.

RuleSet: Parameter(name, use, min, max, type, documentation)
* parameter[+].name = #{name}
* parameter[=].use = #{use}
* parameter[=].min = {min}
* parameter[=].max = "{max}"
* parameter[=].type = #{type}
* parameter[=].documentation = {documentation}

Instance: expand
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, expand)
* name = "Expand"
* title = "The codes of a value set"
* kind = #operation
* description = "Answers with the value set and the codes that it holds, by the code systems and value sets on file; what these do not tell is asked of the terminology server that is configured. Never a part that passes for the whole."
* affectsState = false
* code = #expand
* comment = "Unknown value sets are 404. A value set that takes codes of a system whose content is not here is 422, as is one with a filter by regular expression. An expansion over botox.terminology.max-expansion is 422 unless it is read in pages."
* base = "http://hl7.org/fhir/OperationDefinition/ValueSet-expand"
* resource = #ValueSet
* system = false
* type = true
* instance = true
* insert Parameter(url, in, 0, 1, uri, [["The canonical URL of the value set, with or without a version."]])
* insert Parameter(valueSet, in, 0, 1, ValueSet, [["The value set itself, instead of its URL; with POST."]])
* insert Parameter(valueSetVersion, in, 0, 1, string, [["The version of the value set; without one that which was written last."]])
* insert Parameter(filter, in, 0, 1, string, [["Words that each begin a word of the display or of a designation, or the beginning of the code; without case and accents."]])
* insert Parameter(offset, in, 0, 1, integer, [["Codes to leave out first."]])
* insert Parameter(count, in, 0, 1, integer, [["Codes to answer at most; 0 for their number only."]])
* insert Parameter(includeDesignations, in, 0, 1, boolean, [["Whether designations are answered."]])
* insert Parameter(includeDefinition, in, 0, 1, boolean, [["Whether the rules of the value set are answered."]])
* insert Parameter(activeOnly, in, 0, 1, boolean, [["Whether codes are left out whose use has ended."]])
* insert Parameter(excludeNested, in, 0, 1, boolean, [["Taken; the expansion has no levels whatever it says."]])
* insert Parameter(displayLanguage, in, 0, 1, code, [["BCP 47 tag: displays are designations of this language where there are any."]])
* insert Parameter(return, out, 1, 1, ValueSet, [["The value set with its expansion."]])

Instance: valueset-validate-code
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, valueset-validate-code)
* name = "ValueSetValidateCode"
* title = "Whether a value set holds a code"
* kind = #operation
* description = "Says whether a code is in a value set and its display is right."
* affectsState = false
* code = #validate-code
* comment = "Unknown value sets are 404, as is a code system that is neither known nor named by the value set; where the code systems on file do not tell, 422."
* base = "http://hl7.org/fhir/OperationDefinition/ValueSet-validate-code"
* resource = #ValueSet
* system = false
* type = true
* instance = true
* insert Parameter(url, in, 0, 1, uri, [["The canonical URL of the value set, with or without a version."]])
* insert Parameter(valueSet, in, 0, 1, ValueSet, [["The value set itself, instead of its URL; with POST."]])
* insert Parameter(valueSetVersion, in, 0, 1, string, [["The version of the value set; without one that which was written last."]])
* insert Parameter(code, in, 0, 1, code, [["The code, with its system."]])
* insert Parameter(system, in, 0, 1, uri, [["The code system of the code."]])
* insert Parameter(systemVersion, in, 0, 1, string, [["The version of the code system."]])
* insert Parameter(display, in, 0, 1, string, [["The display to check, of the code."]])
* insert Parameter(coding, in, 0, 1, Coding, [["Code, system and display, instead of them; with POST."]])
* insert Parameter(codeableConcept, in, 0, 1, CodeableConcept, [["Several codings, one of which has to be right; with POST."]])
* insert Parameter(abstract, in, 0, 1, boolean, [["False where a code that only groups others is wrong."]])
* insert Parameter(displayLanguage, in, 0, 1, code, [["BCP 47 tag: displays are designations of this language where there are any."]])
* insert Parameter(result, out, 1, 1, boolean, [["Whether the code is right."]])
* insert Parameter(message, out, 0, 1, string, [["What is wrong."]])
* insert Parameter(display, out, 0, 1, string, [["The display of the code."]])

Instance: codesystem-validate-code
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, codesystem-validate-code)
* name = "CodeSystemValidateCode"
* title = "Whether a code is one of a code system"
* kind = #operation
* description = "Says whether a code is in a code system and its display is right."
* affectsState = false
* code = #validate-code
* comment = "Unknown code systems are 404, those of which only the name is on file too. Where a part of a system is on file and the code is not in it, 422."
* base = "http://hl7.org/fhir/OperationDefinition/CodeSystem-validate-code"
* resource = #CodeSystem
* system = false
* type = true
* instance = true
* insert Parameter(url, in, 0, 1, uri, [["The canonical URL of the code system, with or without a version."]])
* insert Parameter(codeSystem, in, 0, 1, CodeSystem, [["The code system itself, instead of its URL; with POST."]])
* insert Parameter(code, in, 0, 1, code, [["The code."]])
* insert Parameter(version, in, 0, 1, string, [["The version of the code system."]])
* insert Parameter(display, in, 0, 1, string, [["The display to check, of the code."]])
* insert Parameter(coding, in, 0, 1, Coding, [["Code, system and display, instead of them; with POST."]])
* insert Parameter(codeableConcept, in, 0, 1, CodeableConcept, [["Several codings, one of which has to be right; with POST."]])
* insert Parameter(abstract, in, 0, 1, boolean, [["False where a code that only groups others is wrong."]])
* insert Parameter(displayLanguage, in, 0, 1, code, [["BCP 47 tag: displays are designations of this language where there are any."]])
* insert Parameter(result, out, 1, 1, boolean, [["Whether the code is right."]])
* insert Parameter(message, out, 0, 1, string, [["What is wrong."]])
* insert Parameter(display, out, 0, 1, string, [["The display of the code."]])

Instance: lookup
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, lookup)
* name = "Lookup"
* title = "What is known of a code"
* kind = #operation
* description = "Answers with display, designations and properties of a code."
* affectsState = false
* code = #lookup
* comment = "Unknown code systems and codes are 404."
* base = "http://hl7.org/fhir/OperationDefinition/CodeSystem-lookup"
* resource = #CodeSystem
* system = false
* type = true
* instance = false
* insert Parameter(code, in, 0, 1, code, [["The code, with its system."]])
* insert Parameter(system, in, 0, 1, uri, [["The code system."]])
* insert Parameter(version, in, 0, 1, string, [["The version of the code system."]])
* insert Parameter(coding, in, 0, 1, Coding, [["Code and system, instead of them; with POST."]])
* insert Parameter(displayLanguage, in, 0, 1, code, [["BCP 47 tag: displays are designations of this language where there are any."]])
* insert Parameter(property, in, 0, *, code, [["What is wanted beside name, version and display; without one all there is."]])
* insert Parameter(name, out, 1, 1, string, [["The name of the code system."]])
* insert Parameter(version, out, 0, 1, string, [["The version of the code system."]])
* insert Parameter(display, out, 1, 1, string, [["The display of the code."]])
* parameter[+].name = #designation
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "Another way to show the code: language, use, value."
* parameter[=].part[0].name = #language
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #code
* parameter[=].part[+].name = #use
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Coding
* parameter[=].part[+].name = #value
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #string
* parameter[+].name = #property
* parameter[=].use = #out
* parameter[=].min = 0
* parameter[=].max = "*"
* parameter[=].documentation = "A property of the code: code, value, and what it means; `definition`, `parent` and `child` among them."
* parameter[=].part[0].name = #code
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #code
* parameter[=].part[+].name = #value
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 1
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #Element
* parameter[=].part[+].name = #description
* parameter[=].part[=].use = #out
* parameter[=].part[=].min = 0
* parameter[=].part[=].max = "1"
* parameter[=].part[=].type = #string

Instance: subsumes
InstanceOf: OperationDefinition
Usage: #definition
* insert PublishedInstance(OperationDefinition, subsumes)
* name = "Subsumes"
* title = "How two codes are related"
* kind = #operation
* description = "Says whether one code of a code system subsumes another, by nesting and by the properties parent and child."
* affectsState = false
* code = #subsumes
* comment = "Unknown code systems and codes are 404. A hierarchy that is not of the kind is-a does not tell: 422."
* base = "http://hl7.org/fhir/OperationDefinition/CodeSystem-subsumes"
* resource = #CodeSystem
* system = false
* type = true
* instance = true
* insert Parameter(codeA, in, 0, 1, code, [["The one code."]])
* insert Parameter(codeB, in, 0, 1, code, [["The other."]])
* insert Parameter(system, in, 0, 1, uri, [["The code system of both."]])
* insert Parameter(version, in, 0, 1, string, [["Its version."]])
* insert Parameter(codingA, in, 0, 1, Coding, [["The one code, instead; with POST."]])
* insert Parameter(codingB, in, 0, 1, Coding, [["The other, instead; with POST."]])
* insert Parameter(outcome, out, 1, 1, code, [["`equivalent`, `subsumes` (A has B below it), `subsumed-by` or `not-subsumed`."]])
