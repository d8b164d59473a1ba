CodeSystem: InjectionArea
Id: injection-area
Title: "Injected muscles without a published code"
Description: "Muscles and muscle areas of the injection patterns for which no code of a public terminology could be confirmed. Used beside the code of their region."
* insert Published
* ^caseSensitive = true
* #corrugator "Corrugator supercilii" "The muscle that draws the eyebrow down and inwards; left and right."
* #procerus "Procerus" "The muscle between the eyebrows, in the midline."
* #occipitalis "Occipitalis" "The muscle at the back of the scalp; left and right."
* #cervical-paraspinal "Cervical paraspinal muscles" "The muscles beside the upper cervical spine, taken as one area; left and right."
