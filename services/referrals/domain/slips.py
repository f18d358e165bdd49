"""A slip: a paper that leads its bearer's helpers to a referral, and tells nothing to whoever finds it.

Its code is made of nothing but chance that only the keyring can repeat; it leads the referral's recipient to the
referral, once, and nobody else anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from services.referrals.domain.receipt_words import Named, Part, ReceiptLanguage

#: How long a code leads somewhere.
LIFE: Final = timedelta(days=14)
#: How many wrong codes an organisation may try within an hour. A code has 80 bits: this is against a broken reader.
MOST_WRONG: Final = 20
WRONG_WITHIN: Final = timedelta(hours=1)
#: Crockford's Base32: no letter that is read as a digit, and no U.
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS: Final = str.maketrans("OIL", "011", "- \t")
_LENGTH: Final = 16


def code_of(digest: str) -> str:
    """The 16 characters of a code, of a keyed digest in hexadecimal (at least 80 bits)."""
    number = int(digest[:20], 16)
    return "".join(_ALPHABET[(number >> (5 * place)) & 31] for place in reversed(range(_LENGTH)))


def shown(code: str) -> str:
    """As it is printed: in groups of four."""
    return "-".join(code[at : at + 4] for at in range(0, _LENGTH, 4))


def read(text: str) -> str | None:
    """The code that somebody typed or scanned, however they spaced it; None where it is none."""
    code = text.strip().upper().translate(_READ_AS)
    return code if len(code) == _LENGTH and not set(code) - set(_ALPHABET) else None


def too_many(since: datetime, wrong: int, now: datetime) -> bool:
    """Whether no further code may be tried, after so many wrong ones `since` then."""
    return now < since + WRONG_WITHIN and wrong >= MOST_WRONG


def counted(since: datetime, wrong: int, now: datetime) -> tuple[datetime, int]:
    """One wrong code more, of an hour that begins anew when it is over."""
    return (since, wrong + 1) if now < since + WRONG_WITHIN else (now, 1)


@dataclass(frozen=True, slots=True)
class SlipWords:
    title: str
    show: str
    code: str
    go_to: str
    ask: str
    until: str
    found: str
    yours: str


WORDS: Final[Mapping[ReceiptLanguage, SlipWords]] = {
    ReceiptLanguage.ENG: SlipWords(
        title="A paper for who will help you",
        show="Show this code to the people you were sent to. With it they find what you already told, so that you do not"
        " have to tell it again.",
        code="Code:",
        go_to="Go to: {name}",
        ask="Where to go is not written here, so that this paper tells nobody. Keep in mind what you were told.",
        until="The code works once, until {date}.",
        found="If you lose this paper: nobody can learn anything about you from it. Ask for a new one; the old code then"
        " stops working.",
        yours="It is your choice whether you go, and you can change your mind at any time.",
    ),
    ReceiptLanguage.SPA: SlipWords(
        title="Un papel para quien le va a ayudar",
        show="Muestre este código a las personas con quienes le mandaron. Con él encuentran lo que usted ya contó, para que"
        " no tenga que contarlo otra vez.",
        code="Código:",
        go_to="Vaya a: {name}",
        ask="Aquí no está escrito adónde ir, para que este papel no le diga nada a nadie. Recuerde lo que le dijeron.",
        until="El código sirve una sola vez, hasta el {date}.",
        found="Si pierde este papel: nadie puede saber nada de usted por él. Pida uno nuevo; el código anterior deja de"
        " servir.",
        yours="Usted decide si va, y puede cambiar de opinión cuando quiera.",
    ),
}


def parts(code: str, language: ReceiptLanguage, expires_at: datetime, where: Named | None) -> list[Part]:
    """What the paper says, from top to bottom. Not who, by whom, for what, nor, without `where`, with whom."""
    words = WORDS[language]
    found = [
        Part("title", words.title),
        Part("text", words.show),
        Part("picture", code),
        Part("text", words.code),
        Part("code", shown(code)),
    ]
    if where is None:
        found.append(Part("text", words.ask))
    else:
        found.append(Part("text", words.go_to.format(name=where.name)))
        if where.phone:
            found.append(Part("item", where.phone))
    return [
        *found,
        Part("text", words.until.format(date=expires_at.date().isoformat())),
        Part("text", words.yours),
        Part("small", words.found),
    ]
