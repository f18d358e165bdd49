"""What this service's figures of the region say."""

from __future__ import annotations

from typing import Final

from vereda.figures import Measure, Unit

REFERRED: Final = Measure(
    "services.referred",
    Unit.NEEDS,
    "Needs referred",
    "Necesidades referidas",
    "What people were referred for in a quarter: each person once for each domain of services, however many referrals it took."
    " A year is the sum of its quarters.",
    "Para qué se refirió a las personas en un trimestre: cada persona una vez por ámbito de servicio, sin importar cuántas"
    " referencias hicieron falta. Un año es la suma de sus trimestres.",
)
ACCEPTED: Final = Measure(
    "services.accepted",
    Unit.NEEDS,
    "Needs accepted",
    "Necesidades aceptadas",
    "Needs referred that an organisation said it would serve, by the time of publication.",
    "Necesidades referidas que una organización dijo que atendería, hasta la publicación.",
)
HELPED: Final = Measure(
    "services.helped",
    Unit.NEEDS,
    "Needs helped",
    "Necesidades con ayuda recibida",
    "Needs referred in which the person was served fully, in part, or by advice, as the organisation reported by the time of"
    " publication.",
    "Necesidades referidas en que la persona recibió servicio completo, parcial o consejo, según informó la organización hasta la"
    " publicación.",
)
OPEN: Final = Measure(
    "services.open",
    Unit.NEEDS,
    "Needs still open",
    "Necesidades aún abiertas",
    "Needs referred of which nobody had reported an end by the time of publication.",
    "Necesidades referidas cuyo final nadie había informado hasta la publicación.",
)
HELPED_SHARE: Final = Measure(
    "services.helped_share",
    Unit.SHARE,
    "Share helped",
    "Proporción con ayuda recibida",
    "Needs helped as a share of needs referred. Being sent is not being helped.",
    "Necesidades con ayuda recibida como proporción de las referidas. Ser enviado no es ser ayudado.",
)
FIRST_CONTACT_P50: Final = Measure(
    "services.days_to_first_contact_p50",
    Unit.DAYS,
    "Days to first contact, half of the time",
    "Días hasta el primer contacto, la mitad de las veces",
    "Calendar days from a referral's sending to the first contact with the person: half of the referrals that came to one took no"
    " longer.",
    "Días naturales desde el envío de una referencia hasta el primer contacto con la persona: la mitad de las que llegaron a"
    " tenerlo no tardó más.",
)
FIRST_CONTACT_P90: Final = Measure(
    "services.days_to_first_contact_p90",
    Unit.DAYS,
    "Days to first contact, nine times in ten",
    "Días hasta el primer contacto, nueve de cada diez veces",
    "Calendar days from a referral's sending to the first contact with the person: nine in ten of the referrals that came to one"
    " took no longer.",
    "Días naturales desde el envío de una referencia hasta el primer contacto con la persona: nueve de cada diez de las que"
    " llegaron a tenerlo no tardaron más.",
)
REACHED: Final = Measure(
    "outreach.reached",
    Unit.PEOPLE,
    "People reached",
    "Personas alcanzadas",
    "People reached by outreach and education in a language group, as organisations counted them on the form OUTREACH.",
    "Personas alcanzadas por difusión y educación en un grupo de lenguas, según las contaron las organizaciones en el formulario"
    " OUTREACH.",
)
FILED: Final = Measure(
    "outreach.filings",
    Unit.PEOPLE,
    "Filings helped with",
    "Solicitudes apoyadas",
    "People helped with an application, by line of the quarterly forms of the State, as organisations counted them; each once on"
    " a line.",
    "Personas apoyadas con una solicitud, por línea de los formularios trimestrales del Estado, según las contaron las"
    " organizaciones; cada una una vez por línea.",
)
UNANSWERED: Final = Measure(
    "quality.unanswered",
    Unit.NEEDS,
    "Needs nobody answered",
    "Necesidades sin respuesta",
    "Needs referred to which no organisation had said yes or no by the time of publication: the black hole.",
    "Necesidades referidas a las que ninguna organización había dicho sí o no hasta la publicación: el agujero negro.",
)
RESPONSE_TIMES_SET: Final = Measure(
    "quality.response_times_set",
    Unit.ORGANIZATIONS,
    "Organisations that say how quickly they answer",
    "Organizaciones que dicen con qué rapidez responden",
    "Organisations that set response times of their own; for all others the network's defaults hold, and how quickly they can"
    " answer is not known. As of now.",
    "Organizaciones que fijaron sus propios tiempos de respuesta; para las demás valen los de la red, y no se sabe con qué rapidez"
    " pueden responder. A la fecha de hoy.",
)
LINE: Final = Measure(
    "forms.line",
    Unit.PEOPLE,
    "A line of a form",
    "Una línea de un formulario",
    "What organisations counted on this line of the form in its period, each person once on a line.",
    "Lo que las organizaciones contaron en esta línea del formulario en su período, cada persona una vez por línea.",
)
MEASURES: Final = (
    REFERRED,
    ACCEPTED,
    HELPED,
    OPEN,
    HELPED_SHARE,
    FIRST_CONTACT_P50,
    FIRST_CONTACT_P90,
    REACHED,
    FILED,
    UNANSWERED,
    RESPONSE_TIMES_SET,
    LINE,
)
