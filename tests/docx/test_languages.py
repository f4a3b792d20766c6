"""Languages and fonts of every run: what Word proofs, hyphenates and sets each piece of text with."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from lxml import etree

from engross.letter import Paragraph
from engross.locales import extended
from engross.render.word.fonts import with_region
from tests.docx.letters import LANGUAGES, REAL, SECOND, minimal, sample, text
from tests.docx.package import Package, W, text_of, value

HANGUL, KANA = re.compile("[\uac00-\ud7a3]"), re.compile("[\u3040-\u30ff]")
THEME = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def language(package: Package, properties: etree._Element | None, *, asian: bool) -> str:
    """The language Word proofs a run in, by its script."""
    slot = "eastAsia" if asian else "val"
    own = properties.find(f"{W}lang") if properties is not None else None
    return value(own, slot) or value(package.styles.find(f".//{W}rPrDefault//{W}lang"), slot)


def font(package: Package, properties: etree._Element | None) -> str:
    """The East Asian font Word takes for a run: its own, else the theme's for the language the settings name (ISO/IEC 29500-1, 17.15.1.88)."""
    own = value(properties.find(f"{W}rFonts"), "eastAsia") if properties is not None else ""
    if own:
        return own
    assert value(package.styles.find(f".//{W}rPrDefault//{W}rFonts"), "eastAsiaTheme") == "minorEastAsia"
    script = {"ko": "Hang", "ja": "Jpan", "zh": "Hans"}[value(package.tree("word/settings.xml").find(f"{W}themeFontLang"), "eastAsia")[:2]]
    fonts = package.tree("word/theme/theme1.xml").find(f".//{THEME}minorFont")
    assert fonts is not None
    return next(str(node.get("typeface")) for node in fonts if node.get("script") == script)


def all_runs(package: Package):
    for part in package.parts:
        if re.fullmatch(r"word/(document|footnotes|header\d|footer\d)\.xml", part):
            yield from package.runs(part)


@pytest.mark.parametrize(("name", "lang"), [(REAL, lang) for lang in LANGUAGES] + [(SECOND, lang) for lang in LANGUAGES])
def test_every_run_is_in_the_language_of_its_script(name, lang):
    package = Package(sample(name, lang).bytes())
    for words, properties in all_runs(package):
        if HANGUL.search(words) or KANA.search(words):
            wanted = "ko-KR" if HANGUL.search(words) else "ja-JP"
            assert language(package, properties, asian=True) == wanted, words
            assert font(package, properties) == {"ko-KR": "Batang", "ja-JP": "MS Mincho"}[wanted], words
            assert properties is not None
            assert value(properties.find(f"{W}rFonts"), "hint") == "eastAsia", words


@pytest.mark.parametrize("lang", ["ko", "ja"])
def test_latin_words_in_korean_and_japanese_are_proofed_as_what_they_are(lang):
    package = Package(sample(REAL, lang).bytes())
    found = {words: language(package, properties, asian=False) for words, properties in package.runs()}
    assert found["ILO"] == "en-US"
    assert next(tag for words, tag in found.items() if "Saram" in words) == "de-DE"
    assert next(tag for words, tag in found.items() if "Asociación" in words) == "es-ES"
    defaults = package.styles.find(f".//{W}rPrDefault//{W}lang")
    assert (value(defaults), value(defaults, "eastAsia")) == ("en-US", f"{lang}-{'KR' if lang == 'ko' else 'JP'}")


def test_names_in_other_languages_are_proofed_in_them():
    package = Package(sample(SECOND, "en").bytes())
    found = {words: language(package, properties, asian=False) for words, properties in package.runs()}
    assert next(tag for words, tag in found.items() if words.startswith("Przyk")) == "pl-PL"
    assert next(tag for words, tag in found.items() if words.startswith("Örnek")) == "tr-TR"
    assert next(tag for words, tag in found.items() if words.startswith("Association d’")) == "fr-FR"
    assert found["Poland"] == "en-US"


def test_han_characters_alone_take_the_language_of_their_segment():
    package = Package(sample(SECOND, "en").bytes())
    (properties,) = [properties for words, properties in package.runs() if words.startswith("例示人権")]
    assert language(package, properties, asian=True) == "ja-JP"
    assert font(package, properties) == "MS Mincho"


def test_right_to_left_words_are_set_so():
    package = Package(minimal(Paragraph(text("The word سلام stands here."))).bytes())
    (properties,) = [properties for words, properties in package.runs() if words == "سلام"]
    assert properties is not None
    assert properties.find(f"{W}rtl") is not None
    assert value(properties.find(f"{W}lang"), "bidi").startswith("ar-")


@pytest.mark.parametrize(("lang", "gap"), [("en", "0"), ("es", "0"), ("ko", "0"), ("ja", "1")])
def test_no_gap_between_hangul_and_digits(lang, gap):
    package = Package(sample(REAL, lang).bytes())
    defaults = package.styles.find(f".//{W}pPrDefault/{W}pPr")
    assert defaults is not None
    for name in ("autoSpaceDE", "autoSpaceDN"):
        assert value(defaults.find(W + name)) == gap
        assert not [node for node in package.styles.iterfind(f"{W}style//{W}{name}") if value(node) != gap]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_settings_of_the_language(lang):
    settings = Package(sample(REAL, lang).bytes()).tree("word/settings.xml")
    (mode,) = [value(node) for node in settings.iter(f"{W}compatSetting") if value(node, "name") == "compatibilityMode"]
    assert mode == "15"
    assert (settings.find(f"{W}autoHyphenation") is not None) == (lang in ("en", "es"))
    assert (settings.find(f"{W}strictFirstAndLastChars") is not None) == (lang == "ja")
    theme = settings.find(f"{W}themeFontLang")
    assert value(theme) == ("es-ES" if lang == "es" else "en-US")
    assert value(theme, "eastAsia") == ("ja-JP" if lang == "ja" else "ko-KR")


@pytest.mark.parametrize("lang", ["ko", "ja"])
def test_lines_break_as_the_language_does(lang):
    defaults = Package(sample(REAL, lang).bytes()).styles.find(f".//{W}pPrDefault/{W}pPr")
    assert defaults is not None
    assert {name: value(defaults.find(W + name)) for name in ("kinsoku", "wordWrap", "overflowPunct", "jc")} == {
        "kinsoku": "1",
        "wordWrap": "1",
        "overflowPunct": "1",
        "jc": "both",
    }


@pytest.mark.parametrize(("lang", "slanted"), [("en", True), ("es", True), ("ko", False), ("ja", False)])
def test_emphasis_is_bold_where_letters_are_not_slanted(lang, slanted):
    package = Package(minimal(Paragraph(text("one *two* **three *four*** [five *six*](https://example.org)", lang)), lang=lang).bytes())
    style = package.style("Emphasis")
    assert (style.find(f"{W}rPr/{W}i") is not None) is slanted
    assert (style.find(f"{W}rPr/{W}b") is not None) is not slanted
    look = {words.strip(): properties for words, properties in package.runs() if properties is not None}
    names = {words: package.style_names.get(value(properties.find(f"{W}rStyle")), "") for words, properties in look.items()}
    assert (names["two"], names["three"], names["four"], names["five"], names["six"]) == ("emphasis", "strong", "strong", "hyperlink", "hyperlink")
    assert (look["four"].find(f"{W}i") is not None) is slanted
    assert (look["six"].find(f"{W}i") is not None) is slanted
    assert (look["six"].find(f"{W}b") is not None) is not slanted


def test_a_latin_letter_that_holds_japanese_has_japanese_as_its_other_language():
    it = minimal(Paragraph(text("The word 水 (みず) means water.")))
    package = Package(it.bytes())
    assert value(package.tree("word/settings.xml").find(f"{W}themeFontLang"), "eastAsia") == "ja-JP"
    assert any("みず" in words and properties is not None and properties.find(f"{W}lang") is None for words, properties in package.runs())


def test_chinese_is_a_language_the_settings_may_add():
    locales = extended({"zh-Hant": {"tag": "zh-TW", "plural_forms": "nplurals=1; plural=0;", "serif": ["X"], "sans": ["X"], "emphasis": "bold"}})
    it = minimal(Paragraph(text("這是一封信。", "zh-Hant")))
    package = Package(it.but(locale=locales["zh-Hant"], locales=locales, letter=replace(it.letter, lang="zh-Hant")).bytes())
    assert value(package.tree("word/settings.xml").find(f"{W}themeFontLang"), "eastAsia") == "zh-TW"
    fonts = package.tree("word/theme/theme1.xml").find(f".//{THEME}minorFont")
    assert fonts is not None
    assert "PMingLiU" in [node.get("typeface") for node in fonts if node.get("script") == "Hant"]
    assert "這是一封信。" in text_of(package.document)


@pytest.mark.parametrize(("tag", "region"), [("de", "de-DE"), ("id", "id-ID"), ("pt-BR", "pt-BR"), ("zh-Hans", "zh-CN"), ("sw", "sw-TZ"), ("qqq", "qqq")])
def test_tags_have_the_region_that_proofing_tools_ask_for(tag, region):
    assert with_region(tag) == region
