"""Whether an address is one: e-mail (RFC 5321 and 5322 through email-validator), fax (ITU-T E.164 through phonenumbers), language (BCP 47, CLDR)."""

from __future__ import annotations

import re
from functools import lru_cache

from engross.errors import Position, Problem, Severity

_ORDINARY = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*@(?:[a-z0-9]+(?:-[a-z0-9]+)*\.)+(?:com|org|net|int|edu|gov|[a-z]{2})", re.ASCII | re.IGNORECASE)
"""Under a domain that is reserved for nothing (RFC 6761): such an address is one for sure. Of all others email-validator judges."""
_SHORT = 64
"""With so many characters no part is too long for RFC 5321 (4.5.3.1.1) and RFC 1035 (2.3.4)."""
_TAG = re.compile(r"([a-z]{2,3})(-[A-Za-z0-9]{2,8})*\Z")
ISO_639 = (
    "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd "
    "gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg "
    "mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr "
    "ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
"""Languages with a code of two letters. CLDR, which takes 9 ms to load, is asked for others only."""
ISO_3166 = (
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR "
    "CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU "
    "ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
    "MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI "
    "SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"
)
"""Countries and territories with a code of two letters (alpha-2), likewise."""


def email_problems(address: str, where: Position) -> list[Problem]:
    """One `bad-email`, or none. Nothing is asked on the network."""
    if len(address) <= _SHORT and _ORDINARY.fullmatch(address):  # without email-validator, which takes 25 ms to load
        return []
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(address, check_deliverability=False)
    except EmailNotValidError as error:
        return [Problem("bad-email", f"{address!r} is not an e-mail address: {error}", where, "one address, for instance mission@example.org")]
    return []


def read_fax(printed: str, where: Position) -> tuple[str, list[Problem]]:
    """The number in E.164, empty when it is none, and what is wrong with it.

    A number of impossible length is an error. One that numbering plans do not list is a warning: plans change faster than their tables.
    """
    from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_possible_number, is_valid_number, parse

    hint = "write it with country code, for instance +1-202-555-0142"
    if re.search(r"[^\d+\s().\-/]", printed):
        return "", [Problem("bad-fax", f"{printed!r} is not one fax number", where, hint)]
    try:
        number = parse(printed, None)
    except NumberParseException as error:
        return "", [Problem("bad-fax", f"{printed!r} is not a fax number: {str(error).split(') ')[-1].rstrip('.')}", where, hint)]
    dialled = str(format_number(number, PhoneNumberFormat.E164))
    if not is_possible_number(number):
        return "", [Problem("bad-fax", f"{printed!r} has too few or too many digits", where, hint)]
    if not is_valid_number(number):
        return dialled, [Problem("bad-fax", f"no numbering plan knows {printed!r}", where, "check the number with its owner", Severity.WARNING)]
    return dialled, []


def known_language(tag: str) -> bool:
    """Whether CLDR has a name for the tag's language."""
    match = _TAG.match(tag)
    return match is not None and (_listed(match[1], ISO_639) or match[1] in _english()[0])


def known_territory(code: str) -> bool:
    """Whether the code is an ISO 3166-1 alpha-2 or alpha-3 one that CLDR knows."""
    return _listed(code, ISO_3166) or code in _english()[1]


def _listed(code: str, codes: str) -> bool:
    return len(code) == len("KR") and code.isalpha() and code in codes


@lru_cache(maxsize=1)
def _english() -> tuple[frozenset[str], frozenset[str]]:
    from babel import Locale
    from babel.core import get_global

    english = Locale.parse("en")
    territories = {code for code in map(str, english.territories) if len(code) == 2 and code.isalpha()} - {"ZZ", "EU", "UN", "EZ", "XA", "XB"}
    three = {code for code, meant in get_global("territory_aliases").items() if len(code) == 3 and code.isalpha() and len(meant) == 1}
    return frozenset(map(str, english.languages)), frozenset(territories | three)
