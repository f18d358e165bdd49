"""What stands on a report besides its figures, in English and Spanish."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "es")
_WORDS: Final = {
    "measure": ("measure", "medida"),
    "name": ("name", "nombre"),
    "of": ("of", "de"),
    "figure": ("figure", "cifra"),
    "unit": ("unit", "unidad"),
    "mark": ("mark", "marca"),
    "why": ("why it is not shown", "por qué no se muestra"),
    "period": ("period", "período"),
    "source": ("source", "fuente"),
    "as of": ("as of", "a la fecha de"),
    "target": ("target", "meta"),
    "definition": ("definition", "definición"),
    "figures": ("Figures", "Cifras"),
    "definitions": ("Definitions", "Definiciones"),
    "at most": ("at most", "a lo más"),
    "at least": ("at least", "al menos"),
    "gap": (
        "{} did not answer: its figures are missing here, and are not zero.",
        "{} no respondió: sus cifras faltan aquí, y no son cero.",
    ),
    "dashboard": ("The region", "La región"),
    "county": ("County {}", "Condado {}"),
    "by county": ("By county", "Por condado"),
    "seed": ("Grants and training", "Subvenciones y capacitación"),
    "capacity": ("Regional capacity", "Capacidad regional"),
    "services": ("Services, rural and urban", "Servicios, rurales y urbanos"),
    "outreach": ("Outreach and education", "Difusión y educación"),
    "economic": ("Economic", "Economía"),
    "quality": ("How far this can be believed", "Hasta dónde se puede creer esto"),
    "network": ("the network's figures, as published", "cifras de la red, según se publicaron"),
    "own": (
        "our own counts: exact, for whoever asked us to count, and not to be published",
        "nuestros propios conteos: exactos, para quien nos pidió contar, y no para publicarse",
    ),
    "elsewhere": ("other counties", "otros condados"),
}


def word(key: str, language: str) -> str:
    return _WORDS[key][LANGUAGES.index(language)]
