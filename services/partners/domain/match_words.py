"""What matching says in words, in English and Spanish: by the codes of reasons and filters."""

from __future__ import annotations

from typing import Final

from services.partners.domain.matching import Filter, Reason

REASONS: Final = {
    "language_not_asked": ("No language was asked for.", "No se pidió ningún idioma."),
    "language_staff_same": ("Staff speak the language.", "El personal habla el idioma."),
    "language_interpreter_same": ("An interpreter speaks the language.", "Un intérprete habla el idioma."),
    "language_phone_line_same": (
        "The language is spoken over a phone line.",
        "El idioma se habla por línea telefónica.",
    ),
    "language_staff_group": (
        "Staff speak another variant of the language: ask whether it is understood.",
        "El personal habla otra variante del idioma: pregunte si se entiende.",
    ),
    "language_interpreter_group": (
        "An interpreter speaks another variant of the language: ask whether it is understood.",
        "Un intérprete habla otra variante del idioma: pregunte si se entiende.",
    ),
    "language_phone_line_group": (
        "Another variant of the language is spoken over a phone line: ask whether it is understood.",
        "Otra variante del idioma se habla por línea telefónica: pregunte si se entiende.",
    ),
    "language_missing": ("Nobody there speaks the language.", "Nadie ahí habla el idioma."),
    "capacity_capacity": ("There was room, {} days ago.", "Había lugar hace {} días."),
    "capacity_assessment_required": (
        "They look at each request first, they said {} days ago.",
        "Primero revisan cada solicitud, dijeron hace {} días.",
    ),
    "capacity_waitlist": ("There was a waiting list, {} days ago.", "Había lista de espera hace {} días."),
    "capacity_no_capacity": ("There was no room, {} days ago.", "No había lugar hace {} días."),
    "capacity_unknown": ("Whether there is room is not known.", "No se sabe si hay lugar."),
    "distance_virtual": ("Help is given at a distance.", "La ayuda se da a distancia."),
    "distance_miles": ("It is about {} miles away.", "Está a unas {} millas."),
    "distance_same_county": ("It is in the same county.", "Está en el mismo condado."),
    "distance_unknown": ("How far it is, is not known.", "No se sabe a qué distancia está."),
    "distance_no_place": ("It names no place.", "No indica ningún lugar."),
    "response_rate": (
        "About {} in 100 recent referrals were accepted.",
        "Se aceptaron unas {} de cada 100 referencias recientes.",
    ),
    "response_unknown": (
        "Too little is known yet of how it answers referrals.",
        "Aún se sabe muy poco de cómo responde a las referencias.",
    ),
    "freshness_days": (
        "Its record was looked over {} days ago.",
        "Su información se revisó hace {} días.",
    ),
    "freshness_never": ("Its record was never looked over.", "Su información nunca se ha revisado."),
    "rural_place": ("It is out in the country.", "Está en zona rural."),
    "rural_none": ("It is in a town.", "Está en una ciudad."),
    "share_exceeded": (
        "It has had more than its share of new referrals: others come first.",
        "Ha recibido más de su parte de referencias nuevas: otros van primero.",
    ),
}
FILTERS: Final = {
    Filter.STATUS: ("It is not offered at present.", "No se ofrece por ahora."),
    Filter.NEED: ("It does not answer this need.", "No responde a esta necesidad."),
    Filter.PRACTICE: (
        "Nobody there is authorised for such a legal matter on that day.",
        "Nadie ahí está autorizado para ese asunto legal en esa fecha.",
    ),
    Filter.SERVICE_AREA: ("It does not serve that county.", "No atiende ese condado."),
    Filter.ELIGIBILITY: (
        "A condition of the service is not met.",
        "No se cumple una condición del servicio.",
    ),
    Filter.TRAVEL: ("It is farther than can be travelled.", "Está más lejos de lo que se puede viajar."),
}


def said(reason: Reason) -> tuple[str, str]:
    """In English and in Spanish."""
    number = "" if reason.detail is None else f"{reason.detail:.0f}"
    english, spanish = REASONS[reason.code]
    return english.format(number), spanish.format(number)
