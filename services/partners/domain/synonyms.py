"""What people say for what the directory says, in English and Spanish: the words that a network begins with.

A phrase means kinds of services (`#` and a code of the taxonomy) or other phrases. Who runs a network adds its own by
`setSynonym`. These are words that are searched for; nothing here is said of anybody, and no search is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

#: (phrases, what they mean). Folded, as all that is compared.
_GROUPS: Final[tuple[tuple[str, str], ...]] = (
    (
        "daca|dreamers|dreamer|sonadores|accion diferida|deferred action",
        "#legal.immigration.daca_renewal|#legal.immigration.daca_initial|daca",
    ),
    (
        "amnistia|amnesty|papers|papeles|arreglar papeles|legalizacion",
        "#legal.immigration.consultation|#legal.immigration",
    ),
    ("notario|notary|notario publico", "#legal.immigration.consultation"),
    (
        "inmigracion|migracion|la migra|immigration|immigrant|inmigrante",
        "#legal.immigration|immigration|inmigracion",
    ),
    (
        "green card|mica|tarjeta verde|residencia|permanent residence|residencia permanente",
        "#legal.immigration.family|#legal.immigration.consultation|green card|residencia",
    ),
    (
        "work permit|permiso de trabajo|permiso para trabajar|employment authorization",
        "#legal.immigration.consultation|#legal.immigration.daca_renewal|work permit",
    ),
    (
        "ciudadania|citizenship|citizen|naturalizacion|naturalization|ciudadano",
        "#legal.immigration.naturalization|#education.civics|naturalization|ciudadania",
    ),
    ("asilo|asylum|refugiado|refugee", "#legal.immigration.asylum|asylum|asilo"),
    (
        "peticion familiar|family petition|reunificacion familiar|family reunification",
        "#legal.immigration.family",
    ),
    ("abogado|abogada|lawyer|attorney|licenciado", "#legal|lawyer|abogado|attorney"),
    (
        "consulta|consultation|consejo legal|legal advice",
        "#legal.immigration.consultation|consultation|consulta",
    ),
    ("desalojo|eviction|inquilino|tenant|landlord|casero", "#legal.housing|#basic.rent|eviction|desalojo"),
    ("sueldo|salario|wages|wage theft|robo de salario|unpaid wages", "#legal.employment|wages|salario"),
    (
        "food|comida|despensa|alimentos|pantry|food pantry|food bank|banco de comida|groceries",
        "#basic.food|food|comida|despensa|pantry",
    ),
    ("rent|renta|alquiler|ayuda con la renta|rental assistance", "#basic.rent|rent|renta"),
    ("shelter|refugio|albergue|sin hogar|homeless", "#basic.shelter|shelter|refugio|albergue"),
    (
        "transporte|transportation|transport|ride|bus pass|pase de autobus",
        "#basic.transport|transport|transporte",
    ),
    (
        "ingles|esl|english|clases de ingles|learn english|aprender ingles|english classes",
        "#education.esl|english|ingles|esl",
    ),
    ("ged|high school equivalency|equivalencia|preparatoria|hiset", "#education.ged|ged|preparatoria"),
    (
        "computacion|computer classes|oficio|job training|capacitacion",
        "#education.vocational|training|capacitacion",
    ),
    ("doctor|medico|clinic|clinica|medical", "#health.primary|doctor|clinic|clinica"),
    ("dentist|dentista|dental|dientes|teeth|muelas", "#health.dental|dental|dentista"),
    (
        "counselling|counseling|consejeria|terapia|therapy|salud mental|mental health|depresion",
        "#health.behavioral|counseling|consejeria",
    ),
    (
        "medi cal|medical card|aseguranza|seguro medico|health insurance|insurance|covered california",
        "#health.enrollment|medi cal|seguro medico",
    ),
    ("negocio|business|small business|emprender|emprendedor|entrepreneur", "#business|business|negocio"),
    (
        "licencia de negocio|business license|business licence|permiso de negocio",
        "#business.licensing|license|licencia",
    ),
    ("beca|grant|grants|subvencion|dinero para negocio|microgrant", "#business.grants|grant|subvencion"),
    (
        "interprete|interpreter|interpreting|traductor|translator|traduccion|translation",
        "#language|interpreter|interprete|translation|traduccion",
    ),
)


def pairs() -> Iterator[tuple[str, str]]:
    """Each phrase with each of its meanings, once."""
    seen = set()
    for phrases, meanings in _GROUPS:
        for phrase in phrases.split("|"):
            for meaning in meanings.split("|"):
                if phrase != meaning and (phrase, meaning) not in seen:
                    seen.add((phrase, meaning))
                    yield phrase, meaning
