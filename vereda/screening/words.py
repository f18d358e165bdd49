"""Words that tell a person's immigration status or where they come from, in English and Spanish, over folded text.

Lists, joined into one pattern each; `~` is one or two spaces or hyphens, `~?` at most one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_COUNTRIES: Final = (
    r"mexico|guatemala|honduras|el salvador|salvador|nicaragua|oaxaca|michoacan|guerrero|chiapas|puebla|jalisco|zacatecas"
    r"|guanajuato|veracruz|durango|sinaloa|hidalgo|morelos|tijuana|india|punjab|laos|cambodia|vietnam|thailand|china"
    r"|philippines|filipinas|haiti|cuba|venezuela|colombia|ecuador|peru|bolivia|brazil|brasil|syria|siria|afghanistan|afganistan"
    r"|iraq|irak|iran|ukraine|ucrania|russia|rusia|ethiopia|etiopia|eritrea|somalia|sudan|congo|nigeria|yemen|pakistan"
    r"|bangladesh|nepal|burma|myanmar|armenia|tonga|fiji|samoa|costa rica|panama|belize|belice|chile|argentina|uruguay|paraguay"
    r"|dominican republic|republica dominicana|jamaica|central america|centroamerica|latin america"
)
_NATIONALS_EN: Final = (
    "mexican|guatemalan|honduran|salvador(?:an|ean|ian)|nicaraguan|indian|laotian|hmong|chinese|filipino|haitian|cuban|venezuelan"
    "|colombian|ecuadorian|peruvian|brazilian|syrian|afghan|iraqi|iranian|ukrainian|russian|ethiopian|somali|foreign"
)
_NATIONALS_ES: Final = (
    r"(?:mexican|guatemaltec|hondure[nñ]|salvadore[nñ]|nicarag[uü]ense|indi|chin|filipin|haitian|cuban|venezolan|colombian|ecuatorian"
    r"|peruan|brasile[nñ]|siri|afgan|ucranian|rus|extranjer)(?:os?|as?)?"
)
_TERM: Final = (
    r"daca|tps|asylum|asilo|citizenship|ciudadania|naturali[sz]ation|naturalizacion|green~cards?|[utv]~visas?|visas? [utv]|visas?"
    r"|vawa|sijs?|residenc[ey]|residencia|deportation|deportacion|removal|remocion|refugees?|refugiad[oa]s|immigrants?|inmigrantes?"
    r"|immigration|inmigracion|migracion|migratori[oa]s?|work permits?|permisos? de trabajo|ead|dreamers?|matricula consular|undocumented"
    r"|undocumented students?|adjustment of status|ajuste de estatus|know your rights|i-\d{3}[a-z]?|n-\d{3}|parole"
)
_SERVICE_WORD: Final = (
    r"class(?:es)?|workshops?|clinics?|courses?|renewals?|assistance|help|legal (?:help|aid|services?)|services?|defen[cs]e|screenings?"
    r"|consult(?:ation)?s?|information(?:al)?|sessions?|fairs?|programs?|forms?|fees?|tests?|exams?|attorneys?|lawyers?|office|support"
    r"|applications? (?:help|assistance|workshop|clinic)|resources?|hotline|day|night|training|center|hours"
    r"|tall?er(?:es)?|clases?|clinicas?|cursos?|ferias?|ayuda|asesorias?|consultas?|renovacion(?:es)?|tramites?|orientacion(?:es)?"
    r"|programas?|sesion(?:es)?|charlas?|informacion|informativa|servicios?|defensa|examen|abogad[oa]s?|oficina|apoyo|jornadas?|platicas?"
)
_FILL: Final = r"(?:~[a-z]{1,12}){0,1}?"
_SERVICES: Final = (
    rf"(?:{_TERM})(?:~(?:{_TERM}))?{_FILL}~(?:{_SERVICE_WORD})",
    rf"(?:{_SERVICE_WORD})(?:~(?:legal(?:es)?|gratis|gratuit[oa]s?|free|informativa|process|de|del|for|on|about|sobre|para|contra|the|la|las|el"
    rf"|with|con|against|in|en|to|a|renovacion|renewal|solicitud|solicitudes|application|applications|applying|sacar|renew|renovar)){{1,4}}"
    rf"~(?:{_TERM})",
    r"(?:parole officer|on parole (?:until|from prison)|parole (?:agent|hearing))",
    r"illegal(?:ly)? (?:evict[a-z]{0,5}|lockouts?|lock|fees?|rent|towing|deduction|dumping|parking|search)|(?:desalojo|cobro|aumento) ilegal",
    r"(?:shut|cut|cortaron|corto|evicted|locked|towed)(?: [a-z]{1,10}){0,4} ilegal(?:mente)?|(?:shut|cut|evicted|locked|towed|raised)(?: [a-z]{1,10}){0,4} illegally",
    r"(?:ropa|zapatos?|tenis|piso|suelo|cabello|pelo|pasto|calle|cama|colchon|alfombra|pared|techo|papel|papeles|carro|muy|esta|estan|quedo|quedaron)~mojad[oa]s?",
    r"(?:paid|pays?|pago|pague|pagar|card|tarjeta|gift|debit|credit|debito|credito|by|con|with)~(?:[a-z]{1,12}~){0,2}?visa~(?:card|gift|ending|debit|credit|terminacion|or|o|y|and)|visa~(?:card|gift|debit|ending|or mastercard|o mastercard)|(?:gift|debit|credit) card visa|tarjeta(?: de [a-z]{3,8})? visa",
    r"senior citizens?|ciudadan[oa]s? mayor(?:es)?|no papers? for|sin papeles del|no documents? (?:needed|required|necessary)",
)
_HAVE_EN: Final = r"(?:has|have|had|having|got|gets|holds?|with|lost|on|under|is|was|he's|she's|they're|are|since|renewing|needs to renew|waiting (?:on|for))"
_HAVE_ES: Final = r"(?:tiene|tienen|tenia|tuvo|trae|traen|perdio|con|es|son|era|esta|le (?:dieron|quitaron|negaron)|espera|recibio)"
_ART: Final = r"(?:(?:an?|the|her|his|their|my|un|una|el|la|su|sus|pending|expired|valid)~){0,2}"
_BAD: Final = r"(?:expired?s?|expir[a-z]{1,5}|ran out|runs out|lapsed|pending|denied|revoked|approved|renewed|was|is|holders?|recipients?|status|applicants?|case|beneficiar[a-z]{1,6})"
_BAD_ES: Final = r"(?:vencid[oa]|vencio|vence|pendiente|negad[oa]|aprobad[oa]|desde)"
_PERMIT: Final = r"(?:daca|tps|green~cards?|ead|asylum|vawa|work permit|work authorization|humanitarian parole|[utv]~visa|(?:tourist|student|work|visitor|business|fiance) visa)"
_PERMIT_ES: Final = r"(?:daca|tps|green~card|mica|asilo|parole|permiso humanitario|permiso de trabajo|residencia(?: permanente)?|visa(?: [utv]\b| de [a-z]{4,10})?|matricula consular)"
_PAPERS: Final = r"(?:papers|paperz|legal papers|legal documents|legal status|immigration status|status|green~card|work permit|work authorization)"
_PAPELES: Final = r"(?:papeles|papeles migratorios|documentos migratorios|estatus|status|permiso (?:para|de) (?:estar|trabaj[a-z]{1,5})|mica|residencia)"

_STATUS: Final = (
    # Plain words.
    r"un~?documented|un~?doc|undocs|dacamented|dacamentad[oa]s?|in~?documentad[oa]s?|sin~documentos? migratorios?",
    r"overstay(?:s|ed|ing|d)?|over stayed|visa overstayers?|wet~?backs?|espaldas? mojadas?|ewi",
    r"illegals|illegal (?:aliens?|immigrants?|status|entry|re~?entry|presence)|(?:is|are|was|here|being|entered|came|crossed|lives?|living|stays?) (?:here )?illegal(?:ly)?",
    r"(?:es|esta|estan|son|aqui|entro|vino|vive|viven|llego|sigue) (?:aqui )?(?:de )?ilegal(?:es|mente)?|ilegales|inmigrantes? ilegal(?:es)?|(?:reingreso|presencia|entrada|estancia) ilegal",
    r"mojad[oa]s?|dreamers? (?:student|kid)|ab~?540|unaccompanied (?:minors?|child(?:ren)?)|menor(?:es)? no acompanad[oa]s?",
    r"(?:is|are|he's|she's|they're) (?:an )?immigrants?|(?:es|son|soy) inmigrantes?|undocu[a-z]{0,10}",
    r"unlawful(?:ly)? (?:present|presence|entry)|unauthori[sz]ed (?:immigrants?|aliens?|presence)|not (?:authori[sz]ed|allowed) to work|no puede trabajar legal(?:mente)?",
    r"(?:no|not|nunca|todavia no|aun no) (?:es|esta|estan|here|is|son) legal(?:mente|es)?(?: en el pais)?|not here legally|irregular(?:es)? en el pais|situacion (?:migratoria|irregular)[a-z ]{0,12}",
    # Lacking something.
    rf"(?:no|without|w/o|lacks?|lacking|never had|(?:does|do|did)(?:n't| not| nt) have|has(?:n't| not)) (?:any |a |an |valid |legal |her |his )?{_PAPERS}(?! (?:for|del|needed|required))",
    rf"(?:sin|no tien[ea]n?|no trae[n]?|no tenia|le[s]? faltan?) (?:los |sus |un |la |su )?{_PAPELES}(?! (?:del|de la|para|civil|de vivienda))",
    r"no tien[ea]n? documentos|(?:out of|fell out of|lost|no longer in) (?:legal )?status|(?:legal|immigration|migration|migratory) status(?! (?:questions|help))|estatus (?:migratorio|legal|mixto)|(?:her|his|their) status is (?!of|on the)",
    r"mixed~status|arregl[a-z]{1,5} (?:sus |los |mis |su )?(?:papeles|estatus|documentos|situacion)",
    r"(?:someone else's|somebody else's|borrowed|fake|bad|false) (?:social|ssn|papers)|(?:seguro|papeles|social) (?:chuec[oa]s?|prestad[oa]s?|fals[oa]s?)",
    r"(?:carece|falta|ningun|ninguna) (?:de )?(?:papel|papeles|documentos? legal(?:es)?|estatus|documento migratorio)|por el cerro|(?:paid|pago)(?: to)? (?:a )?(?:an?|un)? ?(?:coyote|pollero|smuggler)",
    r"(?:no|without|(?:does|do)(?:n't| not) have) (?:an? |any )?(?:ssn|social(?: security)?(?: number)?)(?! (?:office|worker|support|event|media))|no tien[ea]n? (?:numero de )?(?:seguro )?social",
    # Holding something.
    rf"{_HAVE_EN}~{_ART}{_PERMIT}", rf"{_HAVE_ES}~{_ART}(?:de )?{_PERMIT_ES}", rf"{_PERMIT}(?: card)?~{_BAD}", rf"{_PERMIT_ES}~{_BAD_ES}",
    rf"(?:his|her|su|mi)~(?:daca|tps|ead|green~card|mica|asylum|asilo|[utv]~visa|visa u|work permit|permiso de trabajo)|{_BAD_ES}(?: el| la| su)? (?:{_PERMIT_ES})",
    r"beneficiari[oa]s? de(?:l)? (?:daca|tps)|daca (?:since|students?|kids?|desde)|(?:an? |is |es |soy |un |una |los |are )dreamers?|so[nñ]ador(?:a|es|as)",
    r"asylum~(?:seek[a-z]{2,4}|applicants?|case|claim)|asylees?|(?:granted|won|claimed|sought|seeking|applied for|applying for|pending|denied) asylum|(?:pidio|pidieron|solicito|solicitaron|solicitantes? de|caso de|dieron) asilo|asilad[oa]s?",
    r"(?:is|are|was|as|a|came as) (?:a )?refugees?|refugee status|(?:es|son|fue|como) (?:un |una )?refugiad[oa]s?",
    r"permisos? humanitarios?|humanitarian parole[es]?|paroled in|parolees?|(?:entro|vino|tiene) (?:con )?parole",
    r"green~?card (?:holder|expired|since|pending)|(?:permanent|conditional) residents?|(?:is|are|was|a|as) (?:a )?legal residents?|lprs?|(?:es|ya es|son|soy|era) residentes?(?: legal(?:es)?)?(?: permanentes?)?(?! del? (?:condado|la ciudad|fresno|madera))",
    r"residentes? (?:legal(?:es)?(?! services)|permanentes?|condicional(?:es)?)|residencia permanente",
    # Citizens and others.
    r"(?:u\.?s\.?|american|naturali[sz]ed|dual|born) citizens?|(?:not|is|are|became|isn't|becoming|now) (?:a |an )?citizens?|non~?citizens?|(?:was|were|got|is|been) naturali[sz]ed",
    r"ciudadan[oa]s? (?:american[oa]s?|estadounidenses?|naturalizad[oa]s?)|(?:es|son|hizo|hicieron|soy|no es) (?:una? )?ciudadan[oa]s?|(?:se|esta|fue) naturaliz[a-z]{1,4}",
    # Entry.
    r"(?:cross(?:ed|ing)?|came across|snuck across|jumped|swam)(?: over)?(?: the)? (?:border|river|desert|fence|line)|with a coyote|(?:entered|came|crossed) without (?:inspection|papers|documents|permission)",
    r"(?:cruz|pas|brinc|salt)(?:o|aron|ar|amos|e|ando)(?: por)? (?:la |el |los )?(?:frontera|linea|cerco|rio|desierto|muro|bordo)|con (?:un )?coyotes?|entr(?:o|aron) sin (?:inspeccion|papeles|permiso)",
    r"(?:came|entered|here|arrived|stayed|is|are)(?: here)? (?:on|with) (?:an? )?(?:[a-z]{3,10} )?(?:visa|[bfhj]-?\d[ab]?)|on (?:an? )?h-?[12][ab]|h-?2[ab]\b|j-1\b|(?:entro|vino|llego|vinieron|entraron|esta) con (?:una? )?visa|quedo (?:despues de|con) (?:la |su )?visa|trabajador(?:a|es)? h-?2[ab]",
    r"visas? (?:is |was |has )?(?:expired?|ran out|denied|vencid[oa]s?|vencio|pending|pendiente|holder)|(?:vencio|vence|quitaron|negaron) (?:la |su |el )?(?:visa|mica|tps|daca|permiso de trabajo|green~card)",
    r"(?:[utv]~visa|visa [utv]) (?:pending|pendiente|applicants?|holders?|petition|aprobada|case|certification)|(?:solicitantes?|peticionari[oa]s?|caso) (?:de )?(?:la )?(?:visa [utv]|[utv] visa|vawa)|vawa (?:self~)?petition[a-z]{0,3}|caso vawa|sij (?:case|status|petition)|special immigrant juveniles?",
    r"(?:waiting (?:on|for)|needs|renewing|espera|lost) (?:her|his|their|su|a|an) (?:work permit|ead|permiso de trabajo)|work (?:permit|authorization) (?:expired?s?|denied|pending|card)|ead (?:holders?|card|expir[a-z]{1,3})|permiso de trabajo (?:vencid|pendient)[a-z]{0,2}",
    r"i-?(?:130|485|589|765|751|601a?|821d?|918|360|90) (?:is |was |esta )?(?:pending|approved|denied|filed|aprobad[oa]|pendiente|negad[oa])|adjustment of status|ajuste de estatus|inadmissib[a-z]{2,5}|re-?entr(?:y|ed) after|illegal re-?entry",
    # Enforcement.
    r"(?:was|were|been|got|being|getting|to be|is) deported|deported (?:in|twice|once|to|from|before|back)|deportees?|(?:removal|deportation) (?:orders?|proceedings?|hearing|case)|(?:final )?orders? of (?:removal|deportation)|voluntary departure|has an? nta|notice to appear",
    r"deportad[oa]s?|deport(?:aron|o|aran)|orden(?:es)? de (?:deportacion|remocion)|proceso de (?:deportacion|remocion)|salida voluntaria",
    r"ice (?:detain[a-z]{1,4}|hold|has|check~?ins?|ankle|bond|custody|raid on|arrest[a-z]{0,2}|appointment|supervision)|(?:by|by the|to|with|from|into) ice (?:on|in|at|agents?|custody|last|again|and|officers?)|(?:detained|picked up|taken|arrested|released|held|grabbed) by (?:ice|immigration|la migra)|ankle monitor",
    r"cbp ?one|border patrol|patrulla fronteriza|credible fear|miedo creible|(?:cancellation|withholding|stay) of removal|cancelacion de (?:remocion|deportacion)|siv\b|special immigrant visas?|centro de detencion de (?:ice|inmigracion|migracion)",
    r"la migra|(?:detuvo|agarro|arresto|llevo|detenid[oa] por|grillete de|reporta con|cita con) (?:el )?(?:ice|inmigracion|migracion)|grillete|immigration (?:court|judge|detention|hold|custody|bond)|corte (?:de )?(?:inmigracion|migracion)",
)  # fmt: skip

_BIRTHPLACE: Final = (
    r"(?:was |were |is |are )?born in (?!the |our |an? |this |that |january|february|march|april|may\b|june|july|august|september|october|november|december|spring|summer|fall|winter|hospital)",
    r"(?:nacio|nacieron|nacid[oa]s?|naci) en (?!el hospital|la clinica|casa|el condado|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre|el a[nñ]o|\d)",
    r"(?:place|country|city|town|state) of (?:birth|origin)|birth~?place|(?:lugar|pais|ciudad|pueblo|estado) de (?:nacimiento|origen)|home country|pais natal",
    rf"(?:is|are|was|he's|she's|they're|comes?|came|originally|arrived|fled|moved here|here|emigrated|immigrated|family|client) (?:here )?from (?:the )?(?:state of )?(?:{_COUNTRIES})",
    rf"(?:es|son|era|soy|viene|vienen|vino|vinieron|llego|llegaron|originari[oa]s?|oriund[oa]s?|emigr[a-z]{{1,4}}|nativ[oa]s?|ciudadan[oa]s?) de (?:{_COUNTRIES})",
    rf"(?:native|citizens?|nationals?|natives) of (?!the (?:city|county))(?:[a-z]{{3,14}})|(?:{_NATIONALS_EN}) (?:nationals?|citizens?|nationality|born)|ciudadan[oa]s? (?:{_NATIONALS_ES})",
    rf"nationality\b|nacionalidad\b|(?:is|she's|he's|are) (?:an? )?(?:{_NATIONALS_EN})(?= ?(?:$|[.,;:!?]|and\b|but\b))|(?:es|son|soy) (?:{_NATIONALS_ES})(?= ?(?:$|[.,;:!?]|y\b|pero\b))",
    r"originari[oa]s? de [a-z]{3}|oriund[oa]s? de [a-z]{3}|originally from [a-z]{3}",
)  # fmt: skip


def _joined(parts: Iterable[str]) -> re.Pattern[str]:
    return re.compile(
        r"\b(?:" + "|".join(parts).replace("~", r"[ \-]{1,2}").replace(r"[ \-]{1,2}?", r"[ \-]?") + r")\b"
    )


def _one_slip_from(words: Iterable[str]) -> frozenset[str]:
    """All that is one letter left out, put in, changed or exchanged with its neighbour away from one of these words."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    found = set()
    for word in words:
        for at in range(len(word) + 1):
            before, after = word[:at], word[at:]
            found |= {before + one + after for one in letters}
            if after:
                found |= {before + after[1:], *(before + one + after[1:] for one in letters)}
            if len(after) > 1:
                found.add(before + after[1] + after[0] + after[2:])
    return frozenset(found)


#: Without one of these words, or one that begins with the five letters, no pattern of status or birthplace is there.
_WORDS: Final = (
    "ab540 asilo b bordo cbp cerco cerro cruzo daca docs ead ewi f fence green h h2a h2b home i ice j j1 line linea lpr lprs mica migra muro naci"
    " natal nta over pais rio river sij sijs siv social ssn status tps visa visas vawa wet born 1a 1b 2a 2b 360 485 540 589 601 601a 751 765 821"
    " 821d 90 918 130 i130 i485 i589 i601 i751 i765 i821 i918 i90 undoc undocs falsa falso"
)
_BEGINNINGS: Final = (
    "acomp adjus adjus ajust allow ankle asila asylu autho birth borde canci cance chuec citiz ciuda count coyot credi creib dacam depor desie"
    " deser detai deten detuv docum dream enter estat front grill illeg ilega immig inadm indoc inmig inspe irreg juven legal migra mojad nacid"
    " nacie nacim nacio natio nativ natur nonci notic orige origi oriun overs paper papel parol patro patru permi polle prest reent refug remoc"
    " remov resid situa smugg socia sonad statu staye unacc unaut undoc unlaw visa volun wetba withh paroled"
)


def _firsts(patterns: str) -> set[str]:
    """How the words of a list begin: what stands before brackets and alternatives."""
    return {match[0] for match in re.finditer(r"(?<![a-z\\\[])[a-z]{3,}", patterns)}


_PLACES: Final = _firsts(_COUNTRIES) | _firsts(_NATIONALS_EN) | _firsts(_NATIONALS_ES)
TOLD: Final = frozenset(_WORDS.split()) | {one for one in _PLACES if len(one) < 5}
TOLD_BY_BEGINNING: Final = frozenset(one[:5] for one in _BEGINNINGS.split()) | {
    one[:5] for one in _PLACES if len(one) >= 5
}

STATUS: Final = _joined(_STATUS)
BIRTHPLACE: Final = re.compile(
    r"\b(?:" + "|".join(_BIRTHPLACE).replace("~", r"[ \-]{1,2}").replace(r"[ \-]{1,2}?", r"[ \-]?") + ")"
)
SERVICES: Final = _joined(_SERVICES)
#: Long words that nothing else comes near.
MISSPELT: Final = _one_slip_from(
    ("undocumented", "indocumentado", "indocumentada", "indocumentados", "indocumentadas", "overstayed")
)
