"""Faults that are put into a good PDF, each with the rule that must find it and the rules that may see its consequences."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String


@dataclass(frozen=True)
class Fault:
    rule: str
    put: Callable[[Any], None]
    also: frozenset[str]

    def __str__(self) -> str:
        return f"{self.rule}-{self.put.__name__}"


FAULTS: list[Fault] = []


def fault(rule: str, *also: str) -> Callable[[Callable[[Any], None]], Callable[[Any], None]]:
    def keep(put: Callable[[Any], None]) -> Callable[[Any], None]:
        FAULTS.append(Fault(rule, put, frozenset(also)))
        return put

    return keep


def saved(data: bytes, put: Callable[[Any], None], **how: Any) -> bytes:
    """The file with a change, written by another program."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(data)) as pdf, warnings.catch_warnings():
        warnings.simplefilter("ignore", pikepdf.PageCopyWarning)  # it sees some of the faults
        put(pdf)
        pdf.save(out, fix_metadata_version=False, **how)
    return out.getvalue()


def elements(pdf: Any, kind: str) -> list[Any]:
    found = [item for item in pdf.objects if isinstance(item, Dictionary) and item.get("/Type") == Name.StructElem and item.get("/S") == Name("/" + kind)]
    assert found, f"the letter has no {kind}"
    return found


def fonts(pdf: Any) -> list[Any]:
    return [item for item in pdf.objects if isinstance(item, Dictionary) and item.get("/Subtype") == Name.Type0]


def annotation(pdf: Any, kind: str) -> Any:
    return next(note for page in pdf.pages for note in page.obj.get("/Annots", ()) if note.Subtype == Name("/" + kind))


def edit(pdf: Any, pattern: bytes, new: bytes, page: int = 0) -> None:
    """Replace the first piece of a page's content."""
    data, count = re.subn(pattern, new, pdf.pages[page].Contents.read_bytes(), count=1)
    assert count == 1
    pdf.pages[page].Contents = pdf.make_stream(data)


def xmp(pdf: Any, pattern: bytes, new: bytes) -> None:
    data, count = re.subn(pattern, new, pdf.Root.Metadata.read_bytes(), count=1, flags=re.DOTALL)
    assert count == 1
    pdf.Root.Metadata = pdf.make_stream(data, Type=Name.Metadata, Subtype=Name.XML)


def append(pdf: Any, content: bytes) -> None:
    """Write behind the content of the first page."""
    pdf.pages[0].Contents = pdf.make_stream(pdf.pages[0].Contents.read_bytes() + b"\n" + content + b"\n")


def attachment(pdf: Any) -> Any:
    return pdf.Root.AF[0]


# --- the file


@fault("catalog")
def optional_content(pdf: Any) -> None:
    pdf.Root.OCProperties = Dictionary(OCGs=Array(), D=Dictionary())


@fault("catalog", "header")
def needs_appearances(pdf: Any) -> None:
    pdf.Root.AcroForm.NeedAppearances = True


@fault("header")
def newer_version(pdf: Any) -> None:
    pdf.Root.Version = Name("/2.0")


@fault("limits")
def long_name(pdf: Any) -> None:
    pdf.Root[Name("/" + "n" * 128)] = 1


@fault("actions")
def script_at_opening(pdf: Any) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))


@fault("actions")
def page_event(pdf: Any) -> None:
    pdf.pages[0].AA = Dictionary(O=Dictionary(S=Name.Named, N=Name.NextPage))


@fault("actions")
def link_to_program(pdf: Any) -> None:
    annotation(pdf, "Link").A = Dictionary(S=Name.Launch, F=String("a.exe"))


@fault("actions")
def link_to_file(pdf: Any) -> None:
    annotation(pdf, "Link").A.URI = String("file:///etc/hosts")


@fault("multimedia")
def alternate_image(pdf: Any) -> None:
    picture = pdf.make_stream(b"\0", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8, ColorSpace=Name.DeviceGray, Interpolate=True)
    pdf.pages[0].Resources.XObject = Dictionary(Im=picture)


@fault("boxes")
def trim_over_media(pdf: Any) -> None:
    pdf.pages[0].TrimBox = Array([-10, 0, 700, 900])


@fault("boxes")
def giant_page(pdf: Any) -> None:
    pdf.pages[0].MediaBox = Array([0, 0, 20000, 842])


@fault("destinations")
def bookmark_to_nowhere(pdf: Any) -> None:
    pdf.Root.Outlines.First.Dest = String("not there")


@fault("catalog")
def other_presentation(pdf: Any) -> None:
    pdf.pages[0].PresSteps = Dictionary(Type=Name.NavNode)


@fault("limits")
def huge_number(pdf: Any) -> None:
    pdf.pages[0].obj[Name.Rotation] = 2**31


@fault("resources")
def form_with_borrowed_fonts(pdf: Any) -> None:
    pdf.pages[0].Resources.XObject = Dictionary(Fm=pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1])))
    append(pdf, b"/Artifact BMC /Fm Do EMC")


# --- what it says of itself


@fault("xmp", "claim-pdfa", "claim-pdfua", "info-agrees", "title")
def no_xmp(pdf: Any) -> None:
    del pdf.Root["/Metadata"]


@fault("xmp", "claim-pdfa", "claim-pdfua", "info-agrees", "title", "xmp-extension")
def broken_xmp(pdf: Any) -> None:
    xmp(pdf, rb"</rdf:RDF>", b"")


@fault("xmp")
def encoded_packet(pdf: Any) -> None:
    xmp(pdf, rb'<\?xpacket begin=""', b'<?xpacket begin="" bytes="100"')


@fault("claim-pdfa")
def level_b(pdf: Any) -> None:
    xmp(pdf, rb"(pdfaid:conformance\W+)A", rb"\1B")


@fault("claim-pdfua")
def ua_2(pdf: Any) -> None:
    xmp(pdf, rb"(<pdfuaid:part>)1", rb"\g<1>2")


@fault("xmp-extension")
def claim_not_described(pdf: Any) -> None:
    xmp(pdf, rb"<pdfaExtension:schemas>.*</pdfaExtension:schemas>", b"")


@fault("info-agrees")
def other_title(pdf: Any) -> None:
    pdf.docinfo["/Title"] = "Another letter"


@fault("info-agrees")
def other_date(pdf: Any) -> None:
    pdf.docinfo["/ModDate"] = "D:20200229000001Z"


@fault("info-agrees")
def other_author(pdf: Any) -> None:
    pdf.docinfo["/Author"] = "Somebody"


@fault("title")
def file_name_as_title(pdf: Any) -> None:
    pdf.Root.ViewerPreferences.DisplayDocTitle = False


@fault("language")
def no_language(pdf: Any) -> None:
    del pdf.Root["/Lang"]


@fault("language", "foreign-text")
def no_tag_of_a_language(pdf: Any) -> None:
    next(item for item in elements(pdf, "Span") if "/Lang" in item).Lang = String("한국어")


@fault("language", "foreign-text")
def no_tag_of_a_language_in_the_content(pdf: Any) -> None:
    edit(pdf, rb"<</MCID 3>>", b"<</MCID 3/Lang(English please)>>")


@fault("xmp-extension")
def claim_half_described(pdf: Any) -> None:
    xmp(pdf, rb"<pdfaProperty:valueType>.*?</pdfaProperty:valueType>", b"")


# --- colour


@fault("output-intent", "device-colour", "blending-space")
def no_intent(pdf: Any) -> None:
    del pdf.Root["/OutputIntents"]


@fault("output-intent")
def broken_profile(pdf: Any) -> None:
    stream = pdf.Root.OutputIntents[0].DestOutputProfile
    stream.write(stream.read_bytes()[:-4])


@fault("output-intent")
def two_profiles(pdf: Any) -> None:
    intents = pdf.Root.OutputIntents
    stream = intents[0].DestOutputProfile
    intents.append(Dictionary(Type=Name.OutputIntent, S=Name.GTS_PDFX, OutputConditionIdentifier=String("x"), DestOutputProfile=pdf.make_stream(stream.read_bytes(), N=3)))


@fault("device-colour")
def cmyk(pdf: Any) -> None:
    edit(pdf, rb"[\d.]+ [\d.]+ [\d.]+ rg", b"0 0 0 1 k")


@fault("icc-based")
def own_profile_broken(pdf: Any) -> None:
    pdf.pages[0].Resources.ColorSpace = Dictionary(cs=Array([Name.ICCBased, pdf.make_stream(b"no profile", N=3)]))


@fault("blending-space")
def cmyk_group(pdf: Any) -> None:
    pdf.pages[0].Group = Dictionary(S=Name.Transparency, CS=Name.DeviceCMYK)


@fault("graphics-state")
def unknown_blend_mode(pdf: Any) -> None:
    pdf.pages[0].Resources.ExtGState.x = Dictionary(Type=Name.ExtGState, BM=Name.Glow)


@fault("graphics-state")
def transfer_function(pdf: Any) -> None:
    pdf.pages[0].Resources.ExtGState.x = Dictionary(Type=Name.ExtGState, TR=Name.Identity)


@fault("graphics-state")
def unknown_intent(pdf: Any) -> None:
    pdf.pages[0].Resources.ExtGState.x = Dictionary(Type=Name.ExtGState, RI=Name.Pleasant)


# --- fonts


@fault("font-kind", "font-embedded", "font-descriptor", "font-name", "to-unicode")
def courier(pdf: Any) -> None:
    pdf.pages[0].Resources.Font.Co = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Courier)


@fault("font-embedded")
def font_not_embedded(pdf: Any) -> None:
    del fonts(pdf)[0].DescendantFonts[0].FontDescriptor["/FontFile2"]


@fault("font-descriptor")
def both_symbolic_and_not(pdf: Any) -> None:
    fonts(pdf)[0].DescendantFonts[0].FontDescriptor.Flags = 36


@fault("font-name")
def no_subset_tag(pdf: Any) -> None:
    font = fonts(pdf)[0]
    short = Name("/" + str(font.BaseFont).partition("+")[2])
    font.BaseFont = font.DescendantFonts[0].BaseFont = font.DescendantFonts[0].FontDescriptor.FontName = short


@fault("font-name")
def two_names(pdf: Any) -> None:
    fonts(pdf)[0].BaseFont = Name("/ABCDEF+Other")


@fault("font-widths")
def wrong_widths(pdf: Any) -> None:
    for font in fonts(pdf):
        font.DescendantFonts[0].W = Array()


@fault("font-widths")
def one_wrong_width(pdf: Any) -> None:
    """Of every glyph, by two thousandths."""
    for item in fonts(pdf)[0].DescendantFonts[0].W:
        if isinstance(item, Array):
            for at in range(len(item)):
                item[at] = item[at] + 2


@fault("glyphs", "to-unicode", "font-widths")
def missing_glyph_shown(pdf: Any) -> None:
    edit(pdf, rb"\[<[0-9a-f]{4}>", b"[<0000>")


@fault("glyphs", "to-unicode", "font-widths")
def glyph_beyond_the_font(pdf: Any) -> None:
    edit(pdf, rb"\[<[0-9a-f]{4}>", b"[<fff0>")


@fault("cid-set")
def wrong_cid_set(pdf: Any) -> None:
    fonts(pdf)[0].DescendantFonts[0].FontDescriptor.CIDSet = pdf.make_stream(b"\x80")


@fault("to-unicode", "foreign-text")
def no_to_unicode(pdf: Any) -> None:
    del fonts(pdf)[0]["/ToUnicode"]


@fault("to-unicode")
def text_without_meaning(pdf: Any) -> None:
    stream = fonts(pdf)[0].ToUnicode
    stream.write(re.sub(rb"(beginbfchar\n<[0-9a-f]{4}> )<[0-9a-f]{4}>\n", rb"\1<0000>\n", stream.read_bytes(), count=1))


@fault("to-unicode")
def private_use(pdf: Any) -> None:
    stream = fonts(pdf)[0].ToUnicode
    stream.write(re.sub(rb"(<[0-9a-f]{4}> )<[0-9a-f]{4}>\n", rb"\1<e000>\n", stream.read_bytes()))


# --- tags


@fault("tagged")
def not_marked(pdf: Any) -> None:
    pdf.Root.MarkInfo.Marked = False


@fault("tagged", "marked-content", "parent-tree", "annotation-tagged")
def no_tree(pdf: Any) -> None:
    del pdf.Root["/StructTreeRoot"]


@fault("structure-tree")
def unknown_type(pdf: Any) -> None:
    elements(pdf, "Div")[0].S = Name.Address


@fault("structure-tree")
def roles_in_a_circle(pdf: Any) -> None:
    pdf.Root.StructTreeRoot.RoleMap = Dictionary(Verse=Name.Stanza, Stanza=Name.Verse)


@fault("structure-tree")
def wrong_parent(pdf: Any) -> None:
    elements(pdf, "P")[0].P = elements(pdf, "Div")[-1]


@fault("structure-tree", "marked-content")
def one_element_twice(pdf: Any) -> None:
    first, second = elements(pdf, "P")[:2]
    first.K.append(second)


@fault("content")
def mark_left_open(pdf: Any) -> None:
    pdf.pages[-1].Contents = pdf.make_stream(pdf.pages[-1].Contents.read_bytes() + b"\n/Artifact BMC\n")


@fault("content")
def restored_too_often(pdf: Any) -> None:
    pdf.pages[0].Contents = pdf.make_stream(pdf.pages[0].Contents.read_bytes() + b"\nQ\n")


@fault("content")
def unknown_operator(pdf: Any) -> None:
    append(pdf, b"BX\nglow\nEX")


@fault("content")
def unknown_intent_in_content(pdf: Any) -> None:
    append(pdf, b"/Pleasant ri")


@fault("content")
def states_kept_too_deep(pdf: Any) -> None:
    append(pdf, b"q " * 29 + b"Q " * 29)


@fault("all-marked")
def untagged_text(pdf: Any) -> None:
    edit(pdf, rb"/Artifact\s+(?:<<.*?>>\s+BDC|BMC)", b"/Span BMC")


@fault("all-marked")
def artifact_in_text(pdf: Any) -> None:
    edit(pdf, rb"(<</MCID 3>>\s+BDC)", rb"\1 /Artifact BMC EMC")


@fault("marked-content", "parent-tree")
def orphan_content(pdf: Any) -> None:
    edit(pdf, rb"/Artifact\s+(?:<<.*?>>\s+BDC|BMC)", b"/Span <</MCID 900>> BDC")


@fault("marked-content")
def content_that_is_not_there(pdf: Any) -> None:
    elements(pdf, "Span")[0].K.append(901)


@fault("marked-content", "parent-tree")
def content_of_two(pdf: Any) -> None:
    first, second = elements(pdf, "Span")[:2]
    second.K = Array([*second.K, *first.K])


@fault("marked-content", "parent-tree")
def one_mark_twice(pdf: Any) -> None:
    edit(pdf, rb"<</MCID 4>>", b"<</MCID 3>>")


@fault("marked-content", "parent-tree")
def form_with_content_drawn_twice(pdf: Any) -> None:
    form = pdf.make_stream(b"/Span <</MCID 0>> BDC EMC", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 1, 1]), Resources=Dictionary())
    span = elements(pdf, "Span")[0]
    span.K.append(Dictionary(Type=Name.MCR, Stm=form, MCID=0))
    for page in pdf.pages:
        page.Resources.XObject = Dictionary(Fm=form)
        page.Contents = pdf.make_stream(page.Contents.read_bytes() + b"\n/Fm Do\n")


@fault("parent-tree")
def parent_tree_swapped(pdf: Any) -> None:
    line = pdf.Root.StructTreeRoot.ParentTree.Nums[1]
    line[0], line[1] = line[1], line[0]


@fault("parent-tree")
def page_without_key(pdf: Any) -> None:
    del pdf.pages[0].obj["/StructParents"]


@fault("headings")
def heading_skips(pdf: Any) -> None:
    elements(pdf, "H1")[-1].S = Name.H3


@fault("nesting")
def list_without_items(pdf: Any) -> None:
    elements(pdf, "LI")[0].S = Name.P


@fault("nesting")
def item_without_body(pdf: Any) -> None:
    elements(pdf, "LBody")[0].S = Name.Div


@fault("nesting")
def ruby_without_its_parts(pdf: Any) -> None:
    elements(pdf, "Span")[0].S = Name.RT


@fault("tables", "nesting")
def table_without_head(pdf: Any) -> None:
    elements(pdf, "Div")[0].S = Name.Table


@fault("figures")
def picture_without_words(pdf: Any) -> None:
    elements(pdf, "P")[0].S = Name.Figure


@fault("notes")
def note_without_id(pdf: Any) -> None:
    del elements(pdf, "Note")[0]["/ID"]


@fault("notes")
def two_notes_with_one_id(pdf: Any) -> None:
    first, second = elements(pdf, "Note")[:2]
    second.ID = first.ID


@fault("foreign-text")
def language_lost(pdf: Any) -> None:
    for item in elements(pdf, "Span"):
        if "/Lang" in item:
            del item["/Lang"]


@fault("bookmarks")
def no_bookmarks(pdf: Any) -> None:
    del pdf.Root["/Outlines"]


@fault("bookmarks")
def nameless_bookmark(pdf: Any) -> None:
    pdf.Root.Outlines.First.Title = String("")


# --- annotations


@fault("annotation-kind", "annotation-tagged")
def comment(pdf: Any) -> None:
    pdf.pages[0].Annots.append(pdf.make_indirect(Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), F=4, Contents=String("a comment"))))


@fault("annotation-kind")
def link_not_printed(pdf: Any) -> None:
    annotation(pdf, "Link").F = 0


@fault("annotation-kind")
def hidden_field(pdf: Any) -> None:
    annotation(pdf, "Widget").F = 6


@fault("annotation-text")
def link_without_words(pdf: Any) -> None:
    del annotation(pdf, "Link")["/Contents"]


@fault("annotation-text")
def link_that_says_its_anchor(pdf: Any) -> None:
    link = annotation(pdf, "Link")
    del link["/A"]
    pdf.Root.Names.Dests = Dictionary(Names=Array([String("note-1"), Array([pdf.pages[0].obj, Name.Fit])]))
    link.Dest, link.Contents = String("note-1"), String("#note-1")


@fault("annotation-text")
def field_without_name_for_readers(pdf: Any) -> None:
    del annotation(pdf, "Widget")["/TU"]


@fault("annotation-tagged")
def link_outside_of_its_tag(pdf: Any) -> None:
    elements(pdf, "Link")[0].S = Name.Span


@fault("annotation-tagged")
def field_leads_nowhere(pdf: Any) -> None:
    annotation(pdf, "Widget").StructParent = 99999


@fault("annotation-tagged")
def link_without_annotation(pdf: Any) -> None:
    del pdf.pages[0].Annots[0]


@fault("tab-order")
def order_of_rows(pdf: Any) -> None:
    for page in pdf.pages:
        page.Tabs = Name.R


@fault("appearance")
def field_without_appearance(pdf: Any) -> None:
    del annotation(pdf, "Widget")["/AP"]


@fault("fields", "syntax")
def field_not_listed(pdf: Any) -> None:
    del pdf.Root.AcroForm.Fields[0]


@fault("fields")
def two_fields_of_one_name(pdf: Any) -> None:
    first, second = pdf.Root.AcroForm.Fields[0], pdf.Root.AcroForm.Fields[1]
    second.T = first.T


# --- signatures


def sign(pdf: Any, **entries: Any) -> None:
    """Fill a field with a value that no officer gave."""
    pdf.Root.AcroForm.Fields[0].V = pdf.make_indirect(Dictionary(Type=Name.Sig, ByteRange=Array([0, 10, 20, 10]), Contents=String("value"), **entries))


@fault("signature-covers", "signature-value")
def signature_over_anything(pdf: Any) -> None:
    sign(pdf)


@fault("signature-value", "signature-covers")
def digest_of_objects(pdf: Any) -> None:
    sign(pdf, Reference=Array([Dictionary(Type=Name.SigRef, TransformMethod=Name.DocMDP, DigestMethod=Name.MD5)]))


# --- attachments


@fault("file-specification")
def no_relationship(pdf: Any) -> None:
    del attachment(pdf)["/AFRelationship"]


@fault("file-specification")
def one_name_alone(pdf: Any) -> None:
    del attachment(pdf)["/UF"]


@fault("embedded-file")
def no_type(pdf: Any) -> None:
    del attachment(pdf).EF.F["/Subtype"]


@fault("embedded-file")
def no_date(pdf: Any) -> None:
    del attachment(pdf).EF.F.Params["/ModDate"]


@fault("embedded-file")
def swapped_content(pdf: Any) -> None:
    attachment(pdf).EF.F.write(b"{}")


@fault("associated-files")
def not_associated(pdf: Any) -> None:
    del pdf.Root["/AF"]


@fault("associated-files")
def associated_twice(pdf: Any) -> None:
    pdf.Root.AF.append(attachment(pdf))


@fault("embedded-file")
def file_without_date(pdf: Any) -> None:
    pdf.attachments["more.txt"] = pikepdf.AttachedFileSpec(pdf, b"more", filename="more.txt", mime_type="text/plain", description="more")


def raw() -> Iterator[tuple[str, Callable[[bytes], bytes], str]]:
    """Faults of the bytes."""
    yield "prefix", lambda data: b"junk\n" + data, "header"
    yield "version-2", lambda data: data.replace(b"%PDF-1.7", b"%PDF-2.0", 1), "header"
    yield "not-binary", lambda data: re.sub(rb"\A(%PDF-1.7\s+%)[^\n]{4}", rb"\1abcd", data), "header"
    yield "old-compression", lambda data: data.replace(b"/Filter /FlateDecode", b"/Filter /LZWDecode  ", 1), "streams"
    yield "suffix", lambda data: data + b"more", "end"
    yield "no-identifier", lambda data: re.sub(rb"/ID ?\[", b"/IE [", data), "identifier"
    yield "encrypted", lambda data: saved(data, lambda pdf: None, encryption=pikepdf.Encryption(owner="o", user="", R=6)), "encryption"
    yield "damaged-stream", damaged, "syntax"
    yield "cut", lambda data: data[: len(data) // 2], "readable"
    yield "no-pdf", lambda data: b"GIF89a", "readable"
    yield "empty", lambda data: b"", "readable"


def damaged(data: bytes) -> bytes:
    """One byte inside of a compressed page."""
    plain = saved(data, lambda pdf: None, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    at = plain.index(b"stream\n", plain.index(b"/FlateDecode")) + 60
    return plain[:at] + b"\0\0\0\0" + plain[at + 4 :]
