"""What is read to a client before they consent: the network's own words, in English and Spanish (R8).

Others publish theirs, in any language (`publishConsentScript`); languages that are not written have a recording, which
a script refers to. A script is known by the hash of its text: what a consent was given by can always be told.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

from iso639 import is_language

_LONGEST_TEXT: Final = 20_000
_LONGEST_VERSION: Final = 40
_LONGEST_REFERENCE: Final = 500


@dataclass(frozen=True, slots=True)
class Script:
    """One script: `language` by ISO 639-3."""

    version: str
    language: str
    text: str

    @property
    def hash(self) -> str:
        return text_hash(self.text)


def text_hash(text: str) -> str:
    """SHA-256 of the text as it was read, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


NETWORK_SCRIPTS: Final = (
    Script(
        "network-1",
        "eng",
        "We would like to ask another organization to help you. To do that, we have to tell them something about you."
        " I will say what we would tell, to whom, what for, and for how long. You can say yes to some of it and no to the"
        " rest, and we will still help you. We never tell anybody your immigration status, where you were born, or any"
        " government number, and we do not write them down. You can take your yes back whenever you want, by telling us"
        " or the other organization: from then on they cannot see what we told them. You can ask us who has seen it. Do"
        " you have questions? Do you agree?",
    ),
    Script(
        "network-1",
        "spa",
        "Queremos pedirle a otra organización que le ayude. Para eso tenemos que contarle algo de usted. Le voy a decir"
        " qué le contaríamos, a quién, para qué y por cuánto tiempo. Puede decir que sí a una parte y que no a lo demás,"
        " y de todos modos le vamos a ayudar. Nunca le decimos a nadie su situación migratoria, dónde nació ni ningún"
        " número del gobierno, y no los apuntamos. Puede retirar su permiso cuando quiera, avisándonos a nosotros o a la"
        " otra organización: desde ese momento ya no pueden ver lo que les contamos. Puede preguntarnos quién lo ha"
        " visto. ¿Tiene preguntas? ¿Está de acuerdo?",
    ),
)


def network_script(version: str, language: str) -> Script | None:
    """The network's own script, if it has one of this version in this language."""
    return next((one for one in NETWORK_SCRIPTS if (one.version, one.language) == (version, language)), None)


def script_problems(version: str, language: str, text: str, audio_reference: str | None) -> dict[str, str]:
    """What is wrong with a script that is to be published, by field."""
    wrong = {}
    if not 1 <= len(version.strip()) <= _LONGEST_VERSION or version.startswith("network-"):
        wrong["version"] = (
            "must have 1 to 40 characters, and not begin with `network-`, as the network's own do"
        )
    if not is_language(language, "pt3"):
        wrong["language"] = "must be an ISO 639-3 code, such as `mxb`"
    if not 1 <= len(text.strip()) <= _LONGEST_TEXT:
        wrong["text"] = (
            "must have 1 to 20000 characters: what is read, or of a recording, what it says in words of yours"
        )
    if audio_reference is not None and not 1 <= len(audio_reference) <= _LONGEST_REFERENCE:
        wrong["audio_reference"] = (
            "must have 1 to 500 characters: where the recording is kept, for it is not kept here"
        )
    return wrong
