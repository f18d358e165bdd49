"""What this service's figures of the region say."""

from __future__ import annotations

from typing import Final

from vereda.figures import Measure, Unit

COHORTS: Final = Measure(
    "economic.cohorts",
    Unit.COHORTS,
    "Training cohorts",
    "Generaciones de capacitación",
    "Training cohorts that were under way on any day of the period.",
    "Generaciones de capacitación en curso en algún día del período.",
)
SEATS: Final = Measure(
    "economic.seats",
    Unit.SEATS,
    "Seats",
    "Lugares",
    "Seats of the cohorts that were under way.",
    "Lugares de las generaciones en curso.",
)
SEATS_TAKEN: Final = Measure(
    "economic.seats_taken",
    Unit.SEATS,
    "Seats taken",
    "Lugares ocupados",
    "Seats of the cohorts that were under way which somebody has, or kept to the end; every member reads it of each cohort.",
    "Lugares de las generaciones en curso que alguien ocupa, u ocupó hasta el final; cada socio lo lee de cada generación.",
)
SEATS_PER_COHORT: Final = Measure(
    "economic.seats_per_cohort",
    Unit.SEATS,
    "Seats taken in a cohort",
    "Lugares ocupados por generación",
    "Seats taken, divided by the cohorts that were under way.",
    "Lugares ocupados, divididos entre las generaciones en curso.",
)
GRADUATED: Final = Measure(
    "economic.graduated",
    Unit.PEOPLE,
    "Graduates",
    "Personas graduadas",
    "People who kept their seat in a cohort that ended in the period and completed it, or came further.",
    "Personas que conservaron su lugar en una generación que terminó en el período y la completaron, o llegaron más lejos.",
)
LICENSED: Final = Measure(
    "economic.licensed",
    Unit.PEOPLE,
    "Licensed",
    "Con licencia",
    "People who kept their seat in a cohort that ended in the period and obtained a business or professional licence by 15 days"
    " after its end.",
    "Personas que conservaron su lugar en una generación que terminó en el período y obtuvieron una licencia comercial o profesional"
    " hasta 15 días después de su fin.",
)
LICENSED_SHARE: Final = Measure(
    "economic.licensed_share",
    Unit.SHARE,
    "Share licensed",
    "Proporción con licencia",
    "Licensed, as a share of the seats kept in the cohorts that ended in the period.",
    "Personas con licencia, como proporción de los lugares conservados en las generaciones que terminaron en el período.",
)
APPLICATIONS: Final = Measure(
    "economic.applications",
    Unit.APPLICATIONS,
    "Grant applications",
    "Solicitudes de subvención",
    "Applications for grants to people that were submitted in the year.",
    "Solicitudes de subvenciones a personas presentadas en el año.",
)
APPROVED: Final = Measure(
    "economic.approved",
    Unit.APPLICATIONS,
    "Grants approved",
    "Subvenciones aprobadas",
    "Applications submitted in the year that were approved, and not rescinded, by the time of publication.",
    "Solicitudes presentadas en el año que se aprobaron, y no se revocaron, hasta la publicación.",
)
PROMISED_TIER: Final = Measure(
    "economic.promised_by_tier",
    Unit.MONEY,
    "Money promised, by tier",
    "Dinero prometido, por nivel",
    "What the approved applications of the year were granted at this tier: shown where their count is.",
    "Lo concedido a las solicitudes aprobadas del año en este nivel: se muestra donde se muestra su número.",
)
PROMISED: Final = Measure(
    "economic.promised",
    Unit.MONEY,
    "Money promised",
    "Dinero prometido",
    "What the approved applications of the year were granted together.",
    "Lo concedido en conjunto a las solicitudes aprobadas del año.",
)
PAID: Final = Measure(
    "economic.paid",
    Unit.MONEY,
    "Money paid",
    "Dinero pagado",
    "What was paid of that by the time of publication; hidden where it would tell how few are still owed.",
    "Lo pagado de eso hasta la publicación; oculto donde revelaría a cuán pocas personas se les debe.",
)
RECEIPTED: Final = Measure(
    "economic.receipted",
    Unit.MONEY,
    "Money receipted",
    "Dinero comprobado",
    "What of the money paid is covered by receipts that the funder accepted, by the time of publication.",
    "Lo pagado que está cubierto por comprobantes aceptados por quien financia, hasta la publicación.",
)
DAYS_TO_DECISION: Final = Measure(
    "economic.days_to_decision",
    Unit.DAYS,
    "Days to a decision",
    "Días hasta la decisión",
    "Days from an application's submission to its decision, half of the time.",
    "Días desde la presentación de una solicitud hasta su decisión, la mitad de las veces.",
)
VENTURES: Final = Measure(
    "economic.ventures",
    Unit.PEOPLE,
    "Ventures",
    "Negocios",
    "People who completed a course that ended in the year and build a venture in the county.",
    "Personas que completaron un curso que terminó en el año y construyen un negocio en el condado.",
)
SESSIONS_UNCLOSED: Final = Measure(
    "quality.sessions_unclosed",
    Unit.SESSIONS,
    "Sessions without attendance",
    "Sesiones sin asistencia",
    "Sessions of courses in the period that are over, not called off, and of which nobody said who was there.",
    "Sesiones de cursos del período que ya pasaron, no se cancelaron, y de las que nadie dijo quién asistió.",
)
MEASURES: Final = (
    COHORTS,
    SEATS,
    SEATS_TAKEN,
    SEATS_PER_COHORT,
    GRADUATED,
    LICENSED,
    LICENSED_SHARE,
    APPLICATIONS,
    APPROVED,
    PROMISED_TIER,
    PROMISED,
    PAID,
    RECEIPTED,
    DAYS_TO_DECISION,
    VENTURES,
    SESSIONS_UNCLOSED,
)
