"""The Word document: WordprocessingML (ISO/IEC 29500-1, Transitional) written as a Word expert would have made it by hand.

`reference` builds layouts/letter.docx, which staff restyle; `design` reads it back, whichever program saved it; `body`, `page` and `runs` write the
letter into it. `render.docx` puts them together.
"""
