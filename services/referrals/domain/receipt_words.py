"""What a printed receipt says, in plain words of English and Spanish: no name of the client, because papers are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from services.referrals.domain.consent import DataClass, Method, Purpose


class ReceiptLanguage(StrEnum):
    """Languages in which receipts are printed, by ISO 639-3."""

    ENG = "ENG"
    SPA = "SPA"


@dataclass(frozen=True, slots=True)
class Words:
    """A receipt's sentences in one language."""

    title: str
    agreed_on: str
    recorded_by: str
    recipients: str
    told: str
    purposes: str
    help: str
    until: str
    once: str
    partial: str
    spoken_in: str
    take_back: str
    take_back_how: str
    call: str
    number: str
    classes: Mapping[DataClass, str]
    purpose_words: Mapping[Purpose, str]
    methods: Mapping[Method, str]


_D, _P, _M = DataClass, Purpose, Method
WORDS: Final[Mapping[ReceiptLanguage, Words]] = {
    ReceiptLanguage.ENG: Words(
        title="What you agreed to",
        agreed_on="You agreed on {date}: {method}.",
        recorded_by="Written down by: {name}",
        recipients="These organizations may be told something about you:",
        told="They may be told:",
        purposes="So that they can:",
        help="Only for help with: {domains}",
        until="Until {date}. After that they may not see it any more.",
        once="For one request for help, and no other.",
        partial="You said yes to a part of what you were asked. What you said no to was not written down.",
        spoken_in="You agreed in another language than this paper's: {language}. Somebody of yours may read it to you.",
        take_back="You can take it back whenever you want",
        take_back_how="Tell any of the organizations on this paper that you take it back. You do not have to say why, nobody"
        " may refuse, and you still get help. From then on they cannot see what was told about you. You can also ask who has"
        " seen it.",
        call="Whom to call",
        number="Number of this paper: {number}",
        classes={
            _D.IDENTITY: "the name you gave, your age group and your area",
            _D.CONTACT: "how to reach you, and when it is safe",
            _D.LANGUAGE: "your language",
            _D.NEED: "what help you asked for",
            _D.SERVICE_DETAIL: "which service it is",
            _D.OUTCOME: "what came of it",
            _D.PROGRAM: "that you take part in a program",
            _D.FINANCIAL: "about a grant you ask for",
            _D.HEALTH: "about your health",
            _D.SUD_PART2: "about treatment for alcohol or drugs",
            _D.SURVIVOR: "that you need protection",
        },
        purpose_words={
            _P.REFERRAL_DELIVERY: "help you",
            _P.STATUS_BACK: "tell who sent you how it goes",
            _P.APPOINTMENT: "make appointments with you",
            _P.PROGRAM_ENROLMENT: "enrol you in a program",
            _P.GRANT_APPLICATION: "apply for a grant with you",
            _P.FOLLOW_UP: "ask you later how you are",
            _P.AGGREGATE: "count, without knowing who you are",
        },
        methods={
            _M.WRITTEN: "in writing",
            _M.ELECTRONIC: "on a screen",
            _M.ORAL_WITNESS: "by word of mouth, with a witness",
            _M.ORAL_INTERPRETER: "by word of mouth, with an interpreter",
        },
    ),
    ReceiptLanguage.SPA: Words(
        title="Lo que usted aceptó",
        agreed_on="Usted aceptó el {date}: {method}.",
        recorded_by="Lo apuntó: {name}",
        recipients="A estas organizaciones se les puede contar algo de usted:",
        told="Se les puede contar:",
        purposes="Para que puedan:",
        help="Solo para ayuda con: {domains}",
        until="Hasta el {date}. Después ya no lo pueden ver.",
        once="Para una sola solicitud de ayuda, y ninguna otra.",
        partial="Usted dijo que sí a una parte de lo que se le preguntó. Lo que no aceptó no se apuntó.",
        spoken_in="Usted aceptó en otro idioma que el de este papel: {language}. Alguien de su confianza se lo puede leer.",
        take_back="Puede retirar su permiso cuando quiera",
        take_back_how="Avise a cualquiera de las organizaciones de este papel que retira su permiso. No tiene que decir por"
        " qué, nadie se puede negar, y de todos modos le van a ayudar. Desde ese momento ya no pueden ver lo que se contó de"
        " usted. También puede preguntar quién lo ha visto.",
        call="A quién llamar",
        number="Número de este papel: {number}",
        classes={
            _D.IDENTITY: "el nombre que dio, su grupo de edad y su zona",
            _D.CONTACT: "cómo comunicarse con usted, y cuándo es seguro",
            _D.LANGUAGE: "su idioma",
            _D.NEED: "qué ayuda pidió",
            _D.SERVICE_DETAIL: "qué servicio es",
            _D.OUTCOME: "qué resultó",
            _D.PROGRAM: "que participa en un programa",
            _D.FINANCIAL: "sobre un apoyo económico que pide",
            _D.HEALTH: "sobre su salud",
            _D.SUD_PART2: "sobre tratamiento por alcohol o drogas",
            _D.SURVIVOR: "que necesita protección",
        },
        purpose_words={
            _P.REFERRAL_DELIVERY: "ayudarle",
            _P.STATUS_BACK: "avisar a quien le mandó cómo va",
            _P.APPOINTMENT: "hacer citas con usted",
            _P.PROGRAM_ENROLMENT: "inscribirle en un programa",
            _P.GRANT_APPLICATION: "pedir un apoyo económico con usted",
            _P.FOLLOW_UP: "preguntarle después cómo está",
            _P.AGGREGATE: "contar, sin saber quién es usted",
        },
        methods={
            _M.WRITTEN: "por escrito",
            _M.ELECTRONIC: "en una pantalla",
            _M.ORAL_WITNESS: "de palabra, con testigo",
            _M.ORAL_INTERPRETER: "de palabra, con intérprete",
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Named:
    """What an organisation is called on paper, and its phone."""

    name: str
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a printed receipt is made from. `spoken`: in which language consent was given, where it is another one."""

    captured_at: UUID
    recipients: Sequence[UUID]
    classes: Sequence[DataClass]
    purposes: Sequence[Purpose]
    domains: Sequence[str]
    method: Method
    one_referral: bool
    partial: bool
    spoken: str | None
    valid_from: datetime
    expires_at: datetime
    number: str


@dataclass(frozen=True, slots=True)
class Part:
    """A heading, or a paragraph, or a list's item."""

    kind: str
    text: str


def parts(paper: Paper, language: ReceiptLanguage, names: Mapping[UUID, Named]) -> list[Part]:
    """What the paper says, from top to bottom. An organisation without a name in `names` stands there by its id."""
    words = WORDS[language]

    def called(one: UUID) -> str:
        return names[one].name if one in names else str(one)

    found = [
        Part("title", words.title),
        Part("text", words.agreed_on.format(date=_day(paper.valid_from), method=words.methods[paper.method])),
        Part("text", words.recorded_by.format(name=called(paper.captured_at))),
        Part("text", words.recipients),
        *(Part("item", called(one)) for one in paper.recipients),
        Part("text", words.told),
        *(Part("item", words.classes[one]) for one in paper.classes),
        Part("text", words.purposes),
        *(Part("item", words.purpose_words[one]) for one in paper.purposes),
    ]
    if paper.domains:
        found.append(Part("text", words.help.format(domains=", ".join(paper.domains))))
    if paper.one_referral:
        found.append(Part("text", words.once))
    found.append(Part("text", words.until.format(date=_day(paper.expires_at))))
    if paper.partial:
        found.append(Part("text", words.partial))
    if paper.spoken is not None:
        found.append(Part("text", words.spoken_in.format(language=paper.spoken)))
    found += [
        Part("heading", words.take_back),
        Part("text", words.take_back_how),
        Part("heading", words.call),
    ]
    for one in (paper.captured_at, *paper.recipients):
        phone = names[one].phone if one in names else None
        found.append(Part("item", f"{called(one)}: {phone}" if phone else called(one)))
    return [*found, Part("small", words.number.format(number=paper.number))]


def _day(moment: datetime) -> str:
    """By ISO 8601, which reads the same in both languages."""
    return moment.date().isoformat()
