"""Whether a PDF is what it claims to be: PDF/A-3a (ISO 19005-3) and PDF/UA-1 (ISO 14289-1), by rules of our own.

The rules cover what these standards ask of a letter, above all what its typesetter gets wrong and what other checkers do not look at; where the standards allow
more than a letter needs (films, scripts, simple fonts) the rules are stricter. `verapdf` asks veraPDF besides, where it is installed.
"""

from __future__ import annotations

import pikepdf

from engross.conformance import rules_annotations, rules_attachments, rules_colour, rules_file, rules_fonts, rules_metadata, rules_signatures, rules_structure
from engross.conformance.document import Document
from engross.conformance.rule import Finding, Rule
from engross.conformance.verapdf import verapdf

RULES: tuple[Rule, ...] = (
    *rules_file.RULES,
    *rules_metadata.RULES,
    *rules_colour.RULES,
    *rules_fonts.RULES,
    *rules_structure.RULES,
    *rules_annotations.RULES,
    *rules_signatures.RULES,
    *rules_attachments.RULES,
)
"""In the order in which they are applied."""

READABLE = Rule("readable", "ISO 32000-1, 7.5", lambda _: iter(()))
"""Broken when the file cannot be opened at all; no other rule is applied then."""

MOST = 20
"""Findings of one rule that are told."""


def check(pdf: bytes) -> list[Finding]:
    """Everything that is wrong with a PDF; an empty list when it keeps all rules. Nothing is fetched or written, and a file that is no PDF is a finding."""
    try:
        document = Document(pdf)
    except (pikepdf.PdfError, AttributeError, KeyError, ValueError) as error:
        return [Finding(READABLE.name, READABLE.clause, f"the file cannot be read as a PDF: {str(error)[:200]}")]
    return [finding for rule in RULES for finding in _apply(rule, document)]


def _apply(rule: Rule, document: Document) -> list[Finding]:
    """The findings of a rule. What makes a rule stumble is a finding too: a file that is sound does not."""
    found: list[Finding] = []
    try:
        for message, where in rule.find(document):
            found.append(Finding(rule.name, rule.clause, message, where))
            if len(found) == MOST:
                break
    except (pikepdf.PdfError, AttributeError, IndexError, KeyError, OverflowError, RuntimeError, TypeError, ValueError) as error:
        found.append(Finding(rule.name, rule.clause, f"the file is so malformed that the rule cannot be applied ({type(error).__name__})"))
    return found


__all__ = ["RULES", "Finding", "Rule", "check", "verapdf"]
