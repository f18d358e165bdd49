"""What this service's figures of the region say."""

from __future__ import annotations

from typing import Final

from vereda.figures import Measure, Unit

REPRESENTATIVES: Final = Measure(
    "capacity.representatives",
    Unit.STAFF,
    "Authorised legal staff",
    "Personal legal autorizado",
    "Attorneys, and accredited representatives of recognised organisations whose accreditation holds, on the last day of the period"
    " or today. In a county: of the organisations that serve it, so that counties add up to more than the region.",
    "Abogados, y representantes acreditados de organizaciones reconocidas cuya acreditación está vigente, el último día del período u"
    " hoy. En un condado: de las organizaciones que lo atienden, por lo que los condados suman más que la región.",
)
FTE: Final = Measure(
    "capacity.full_time_equivalents",
    Unit.FULL_TIME_EQUIVALENTS,
    "Authorised legal staff, in full-time posts",
    "Personal legal autorizado, en puestos de tiempo completo",
    "The weekly hours of authorised legal staff, divided by 40.",
    "Las horas semanales del personal legal autorizado, divididas entre 40.",
)
PER_100K: Final = Measure(
    "capacity.representatives_per_100k",
    Unit.PER_100_000,
    "Authorised legal staff per 100,000 immigrants",
    "Personal legal autorizado por cada 100 000 inmigrantes",
    "Authorised legal staff for each 100,000 immigrants who live there, by the population figures that the coordinator set, or else"
    " that of the strategic plan of 2014 for the region.",
    "Personal legal autorizado por cada 100 000 inmigrantes que viven allí, según las cifras de población que fijó la coordinación, o"
    " si no la del plan estratégico de 2014 para la región.",
)
PIPELINE: Final = Measure(
    "capacity.ra_pipeline",
    Unit.APPLICATIONS,
    "Applications for recognition and accreditation",
    "Solicitudes de reconocimiento y acreditación",
    "Applications for DOJ recognition and accreditation that are at this stage now. For the coordinator, who reads each of them.",
    "Solicitudes de reconocimiento y acreditación del DOJ que están ahora en esta etapa. Para la coordinación, que lee cada una.",
)
PARTNERS: Final = Measure(
    "capacity.partners",
    Unit.ORGANIZATIONS,
    "Partners",
    "Organizaciones socias",
    "Active organisations of the network, on the last day of the period or today; in a county, those that serve it.",
    "Organizaciones activas de la red, el último día del período u hoy; en un condado, las que lo atienden.",
)
VERIFIED: Final = Measure(
    "capacity.partners_verified",
    Unit.ORGANIZATIONS,
    "Partners verified",
    "Organizaciones verificadas",
    "Active organisations whose record somebody looked over within 180 days before.",
    "Organizaciones activas cuya ficha alguien revisó en los 180 días anteriores.",
)
WORKSHOPS: Final = Measure(
    "services.workshops",
    Unit.WORKSHOPS,
    "Workshops",
    "Talleres",
    "Free legal workshops of the period that were held or are still to come; those called off are not counted.",
    "Talleres legales gratuitos del período que se realizaron o están por venir; no se cuentan los cancelados.",
)
HELD: Final = Measure(
    "services.workshops_held",
    Unit.WORKSHOPS,
    "Workshops held",
    "Talleres realizados",
    "Free legal workshops of the period that their hosts said were held.",
    "Talleres legales gratuitos del período que sus anfitriones dijeron haber realizado.",
)
RURAL_SHARE: Final = Measure(
    "services.workshops_rural_share",
    Unit.SHARE,
    "Rural share of workshops",
    "Proporción rural de talleres",
    "Workshops out in the country as a share of workshops.",
    "Talleres en zonas rurales como proporción de los talleres.",
)
UNMET: Final = Measure(
    "services.unmet_need",
    Unit.SEARCHES,
    "Unmet need",
    "Necesidad no atendida",
    "Searches of the directory that no service answered, by county and kind of need; one that is asked twice in a day counts once."
    " Longer periods are the sum of their months.",
    "Búsquedas en el directorio que ningún servicio respondió, por condado y tipo de necesidad; la que se repite en un día cuenta una"
    " vez. Los períodos más largos son la suma de sus meses.",
)
SERVICES_STALE: Final = Measure(
    "quality.services_stale",
    Unit.SERVICES,
    "Services not looked over",
    "Servicios sin revisar",
    "Active services whose record nobody looked over within 180 days before.",
    "Servicios activos cuya ficha nadie revisó en los 180 días anteriores.",
)
CAPACITY_UNKNOWN: Final = Measure(
    "quality.capacity_unknown",
    Unit.SERVICES,
    "Services whose room is unknown",
    "Servicios con cupo desconocido",
    "Active services of which no report of capacity is in force: none was given, or the last one has expired.",
    "Servicios activos sin informe de cupo vigente: no se dio ninguno o el último venció.",
)
WORKSHOPS_UNCLOSED: Final = Measure(
    "quality.workshops_unclosed",
    Unit.WORKSHOPS,
    "Workshops of which nobody said whether they were held",
    "Talleres de los que nadie dijo si se realizaron",
    "Workshops of the period that are over, and neither held nor called off by their hosts' word.",
    "Talleres del período que ya pasaron, sin que sus anfitriones dijeran si se realizaron o se cancelaron.",
)
MEASURES: Final = (
    REPRESENTATIVES,
    FTE,
    PER_100K,
    PIPELINE,
    PARTNERS,
    VERIFIED,
    WORKSHOPS,
    HELD,
    RURAL_SHARE,
    UNMET,
    SERVICES_STALE,
    CAPACITY_UNKNOWN,
    WORKSHOPS_UNCLOSED,
)
