"""Labelled notes, written for this: as case workers write them, in English and Spanish, with their abbreviations and slips.

Three lists a kind: what must be refused (identifiers, status and birthplace), and what must not, of which most is there
because it looks like the other. No number is anybody's. Each note belongs to one half by its digest: the rules were
written looking at the half that is `seen` alone; of the other only the scores were looked at.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import Enum
from itertools import cycle
from typing import Final


class Label(Enum):
    IDENTIFIER = "identifier"
    STATUS = "status"
    CLEAN = "clean"


@dataclass(frozen=True)
class NoteText:
    text: str
    label: Label

    @property
    def held_out(self) -> bool:
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 1


#: Around an identifier: what else a note says.
_EN: Final = (
    "Client needs help with a renewal, {}. Works mornings, call after 5.",
    "Mother of two. {}. Speaks Mixtec, needs interpreter.",
    "Referred by the school. {}",
    "Please call 559-555-0142 before noon; {}; bring ID to the appointment.",
    "INTAKE 3/14: {} - rent due on the 1st, $850.",
    "{}. Prefers Tuesdays.",
)
_ES: Final = (
    "Necesita ayuda con una renovación, {}. Trabaja en las mañanas.",
    "Madre de dos niños. {}. Habla mixteco.",
    "La manda la escuela. {}",
    "Favor de llamar al 559-555-0143 antes de mediodía; {}; traer identificación.",
    "Cita 14/3: {} - renta el día 1, $850.",
    "{}. Prefiere los martes.",
)
_IDENTIFIERS_EN: Final = (
    "A-number A205123456", "A# 205-123-456", "A#205 123 456", "a205123456", "A 205 123 456", "A-205-123-456",
    "A.205.123.456", "A-No. 205123456", "A No 098765432", "alien number 205123456", "Alien # 205-123-456",
    "alien registration number is 205123456", "Alien Reg. No. A205123456", "AlienNumber:205123456", "USCIS # 205-123-456",
    "USCIS number 205123456", "her a number is 205 123 456", "anumber 205123456", "A number: 87654321", "A87654321",
    "A 87 654 321", "A-087654321", "A #: 205123456", "file number A205-123-456", "(A205123456)", "A2O5 aka A205123456",
    "number 205123456 on her card", "case A205123456 at the court", "EOIR A# 205123456", "A／205-123-456",
    "SSN 123-45-6789", "SSN: 123456789", "ssn 123 45 6789", "social 123-45-6789", "social security number 123-45-6789",
    "Social Security # 123456789", "SS# 123-45-6789", "soc sec no. 123.45.6789", "123-45-6789", "123 45 6789",
    "last four of social 6789", "last 4 SSN: 6789", "ITIN 912-78-1234", "itin 912781234", "ITIN# 9xx no, 934-70-1234",
    "tax id 912-78-1234", "T.I.N. 912-78-1234", "SSN ending in 6789", "ssn–123–45–6789", "S.S.N. 123-45-6789",
    "receipt IOE0912345678", "IOE 0912345678", "receipt number WAC2190123456", "WAC-21-901-23456", "EAC 21 901 23456",
    "LIN2190012345", "SRC-2190012345", "MSC2190012345 pending", "NBC2190012345", "I-797 receipt #IOE-0912345678",
    "passport G12345678", "passport number 123456789", "passport no. N12345678", "passport # C03005988",
    "Passport: AB1234567", "her passport is G 12345678", "PP# G12345678", "passport card C12345678",
    "visa number 12345678", "visa no. 20261234567890", "visa # A1234567", "visa foil 12345678", "I-94 number 12345678901",
    "I94# 123456789A1", "I-94: 98765432109", "matricula consular 1234567", "consular ID 1234567", "consular id card # MX1234567",
    "CURP GOMR900101MDFLRS09", "DOB 01/02/1990", "date of birth: 1990-02-01", "D.O.B. 2/1/90", "born on 2 January 1990",
    "SEVIS N0012345678", "EAD card number SRC2190012345", "green card number 205-123-456",
)  # fmt: skip
_IDENTIFIERS_ES: Final = (
    "número A 205123456", "numero A: 205-123-456", "núm. A205123456", "su A es 205-123-456", "A-número 205123456",
    "número de extranjero 205123456", "numero de extranjera: 205 123 456", "no. de alien 205123456", "número alien A205123456",
    "num de registro de extranjero 205123456", "#A205123456", "el número de alien es 87654321", "su número A: 087-654-321",
    "expediente A205123456", "caso A-205-123-456 en la corte", "número de USCIS 205123456", "uscis 205-123-456",
    "seguro social 123-45-6789", "número de seguro social 123456789", "numero de seguro: 123-45-6789", "seguro 123 45 6789",
    "NSS 123-45-6789", "no. de seguro social 123.45.6789", "últimos cuatro del seguro 6789", "ultimos 4 del social 6789",
    "social 123-45-6789", "su social es 123 45 6789", "ITIN 912-78-1234", "número de ITIN 912781234", "itin: 934-70-1234",
    "número de contribuyente 912-78-1234", "123-45-6789", "seguro social termina en 6789",
    "recibo IOE0912345678", "número de recibo WAC2190123456", "recibo WAC-21-901-23456", "recibo de inmigración EAC 21 901 23456",
    "caso MSC2190012345", "recibo #LIN2190012345", "aviso I-797 IOE-0912345678", "no. de recibo NBC2190012345",
    "pasaporte G12345678", "pasaporte número 123456789", "pasaporte no. N12345678", "pasaporte # G 12345678",
    "número de pasaporte: G12345678", "Pasaporte mexicano G12345678", "su pasaporte es el G12345678", "pasaporte: AB1234567",
    "visa número 12345678", "número de visa 12345678", "visa no. 12345678", "núm de visa: A1234567", "I-94 número 12345678901",
    "I94 12345678901", "matrícula consular 1234567", "matricula consular número 1234567", "su matrícula es 1234567 del consulado",
    "credencial consular 1234567", "CURP GOMR900101MDFLRS09", "fecha de nacimiento 1/2/1990", "nació el 2 de enero de 1990",
    "f. de nac. 01/02/90", "fecha de nac: 1990-02-01", "tarjeta de residente 205-123-456", "mica número 205123456",
)  # fmt: skip
_STATUS_EN: Final = (
    "She is undocumented", "undocumented mother of three", "family is undoc", "client is undocumentd", "un-documented, afraid to come",
    "undocumented immigrant", "he has no papers", "came without papers", "doesn't have papers", "does not have papers yet",
    "without legal status", "no legal status", "no immigration status", "lacks status", "has no status here", "out of status since 2019",
    "fell out of status", "overstayed her visa", "visa overstay", "overstay from 2015", "he overstayd a tourist visa", "her visa expired",
    "visa ran out last year", "came on a tourist visa", "is here on a student visa", "on a work visa", "on H-2A", "H2A worker",
    "entered on a B-2", "here on F-1", "J-1 au pair who stayed", "entered without inspection", "EWI 2009", "crossed the border in 2012",
    "crossed the border at night with a coyote", "came across the river", "entered illegally", "is here illegally", "is illegal",
    "they are illegals", "illegal alien", "wetback", "is a mojado", "DACA recipient", "she has DACA", "her DACA expires in May",
    "DACA since 2014", "he's DACA", "lost his DACA", "dacamented", "a Dreamer", "is a dreamer, goes to Fresno State", "had DACA before",
    "TPS holder", "has TPS", "her TPS was renewed", "on TPS from an earlier designation", "asylum seeker", "applied for asylum last year",
    "asylum applicant", "has a pending asylum case", "asylee", "granted asylum", "is a refugee", "came as a refugee", "refugee status",
    "humanitarian parolee", "paroled in at the border", "on humanitarian parole", "has a green card", "green card holder",
    "lost her green card", "green card expired", "doesn't have a green card", "LPR since 2001", "lawful permanent resident", "permanent resident",
    "is a legal resident", "conditional resident", "US citizen", "is a U.S. citizen", "not a citizen", "non-citizen", "noncitizen parent",
    "husband is a citizen", "kids are US citizens", "became a citizen in 2020", "was naturalized", "naturalised citizen", "mixed-status family",
    "mixed status household", "was deported in 2010", "got deported", "deported twice", "has a deportation order", "removal order from 2008",
    "in removal proceedings", "in deportation proceedings", "has immigration court in June", "final order of removal", "voluntary departure",
    "has an NTA", "ICE detainee", "detained by ICE", "picked up by ICE", "ICE has him", "has an ICE check-in", "wears an ICE ankle monitor",
    "released by ICE on bond", "brother was taken by ICE", "U visa pending", "U-visa applicant", "has a T visa", "VAWA self-petitioner",
    "has a VAWA petition pending", "SIJ case", "special immigrant juvenile", "work permit expired", "her EAD expires", "EAD holder",
    "waiting on her work permit", "adjustment of status pending", "I-130 approved", "I-485 pending", "unlawfully present", "unlawful presence of ten years",
    "inadmissible because of reentry", "illegal reentry", "re-entered after deportation", "unauthorized immigrant", "no work authorization",
    "not authorized to work", "works under someone else's social", "her status is not good", "his immigration status is pending",
    "born in Oaxaca", "was born in Guatemala", "born in Mexico City", "birthplace: Puebla", "place of birth El Salvador", "country of origin Honduras",
    "country of birth: India", "is from Guatemala", "she's from Honduras", "originally from Michoacán", "came from El Salvador in 2019",
    "emigrated from Laos", "immigrated from Punjab", "native of Oaxaca", "citizen of Mexico", "Mexican national", "Salvadoran citizen", "nationality: Honduran",
)  # fmt: skip
_STATUS_ES: Final = (
    "Es indocumentada", "está indocumentado", "familia indocumentada", "son indocumentados", "indocumentda, tiene miedo",
    "es inmigrante indocumentado", "no tiene papeles", "sin papeles", "no tienen papeles", "vino sin papeles", "no trae papeles", "le faltan papeles migratorios",
    "sin documentos migratorios", "no tiene documentos", "sin estatus", "no tiene estatus legal", "sin estatus migratorio", "sin status", "sin permiso para estar aquí",
    "su estatus migratorio es pendiente", "está irregular en el país", "situación migratoria irregular", "quiere arreglar papeles", "está arreglando sus papeles",
    "ya arregló papeles", "se le venció la visa", "visa vencida", "se quedó después de la visa", "entró con visa de turista", "vino con visa", "tiene visa de trabajo",
    "está con H-2A", "trabajador H2A", "visa de estudiante", "cruzó la frontera en 2012", "cruzo la frontera de noche", "pasó la frontera con coyote", "brincó la línea",
    "se brincó el cerco", "cruzó por el desierto", "cruzó el río", "entró sin inspección", "entró ilegal", "está ilegal", "está aquí ilegalmente", "son ilegales",
    "es mojado", "mojada", "espalda mojada", "tiene DACA", "es DACA", "es beneficiaria de DACA", "su DACA se vence en mayo", "perdió DACA", "con DACA desde 2014",
    "se le venció el DACA", "es dreamer", "soñadora, estudia en Fresno", "dacamentada", "tiene TPS", "su TPS", "beneficiario del TPS", "solicitante de asilo", "pidió asilo",
    "pidio asilo en la frontera", "solicitó asilo", "caso de asilo pendiente", "tiene asilo", "asilado", "le dieron asilo", "es refugiada", "llegó como refugiado",
    "tiene parole humanitario", "entró con parole", "permiso humanitario", "tiene green card", "tiene la mica", "perdió su mica", "se le venció la mica", "no tiene mica",
    "es residente permanente", "residente legal", "tiene residencia permanente", "ya es residente legal permanente", "es ciudadana americana", "ciudadano estadounidense",
    "no es ciudadano", "sus hijos son ciudadanos americanos", "el esposo es ciudadano", "se hizo ciudadana en 2020", "ya es ciudadana", "se naturalizó", "está naturalizada",
    "familia de estatus mixto", "estatus mixto", "lo deportaron en 2010", "fue deportado", "la deportaron", "deportada dos veces", "tiene orden de deportación",
    "orden de deportacion", "orden de remoción", "está en proceso de deportación", "tiene corte de inmigración en junio", "salida voluntaria", "la agarró la migra",
    "lo agarro la migra", "lo detuvo ICE", "detenido por inmigración", "está detenido por ICE", "la migra se llevó a su hermano", "tiene grillete de ICE", "trae grillete",
    "se reporta con ICE", "le llegó una cita de corte de migración", "visa U pendiente", "solicitante de visa U", "tiene visa T", "peticionaria VAWA", "caso VAWA pendiente",
    "permiso de trabajo vencido", "espera su permiso de trabajo", "no tiene permiso de trabajo", "se le venció el permiso de trabajo", "ajuste de estatus pendiente", "I-130 aprobada",
    "presencia ilegal de diez años", "reingreso ilegal", "trabaja con seguro chueco", "trabaja con papeles chuecos", "usa un seguro prestado", "no puede trabajar legalmente",
    "no está legal", "todavía no es legal", "no está legalmente en el país", "nació en Oaxaca", "nacida en Guatemala", "nacido en México", "nacio en el salvador",
    "lugar de nacimiento Puebla", "país de nacimiento Honduras", "pais de origen: Honduras", "es de Guatemala", "es originaria de Michoacán", "originario de Oaxaca", "vino de El Salvador en 2019",
    "viene de Honduras", "llegó de Nicaragua", "oriunda de Guerrero", "ciudadana de México", "es ciudadano mexicano", "nacionalidad hondureña", "nacionalidad: guatemalteca", "es hondureña",
)  # fmt: skip
_CLEAN_EN: Final = (
    "Wants to enrol in the citizenship class on Tuesdays", "Citizenship classes start in March", "Sign up for the DACA workshop", "DACA renewal workshop, bring two photos",
    "Asked about the DACA clinic on Saturday", "Interested in naturalization workshop in Madera", "Needs naturalization help", "Green card renewal clinic, Thursday 3 pm",
    "Needs immigration legal help", "Immigration consultation, free", "Wants a consultation with the immigration attorney", "Know your rights training on Friday",
    "Referred to the U visa screening clinic", "TPS information session at the library", "Asylum clinic hours are 9 to 12", "Needs a referral to removal defense services",
    "Family immigration legal services", "Citizenship application assistance, fee help available", "N-400 workshop", "Help with the citizenship test", "Civics class and ESL level 2",
    "Attends ESL at the adult school", "Call 559-555-0101 after 5", "Phone (559) 555-0101 or 559.555.0101", "Cell 5595550101, text only", "Call +1 559 555 0101 ext. 204",
    "Tel 559 555 0101; alt 661-555-0187", "Case LS-2026-000123", "Our case id is 2026-04417", "MRN 8834721", "LegalServer matter 26-0012345", "Ticket #4471 and ticket #4472",
    "Case no. CASE-10023", "HMIS id 0099123", "Chart 44-1029", "Referral R-2026-118", "Account 12345", "EIN 77-0123456 of the nonprofit", "Invoice INV2026-0081 for $1,250.00",
    "Rent is $1,250 and due on 03/01/2026", "Appointment 2026-03-14 at 14:30", "3/14/2026, 9:00-11:30", "Paid $5000 deposit, owes $10,000", "Income about $32,000 a year for 5 people",
    "Lives near 1234 E Shaw Ave, Fresno, CA 93710-1234", "ZIP 93701", "PO Box 12345, Madera 93638", "Apt 205, building A", "Bus line 28 stops at 8th and A Street", "Room A 205 on the second floor",
    "Suite A-12", "Class A 2 pm", "Building A, 3rd floor, room 101", "Level A1 English", "Blood pressure 140/90, A1C 7.2", "Takes metformin 500 mg twice a day", "Diabetic, needs A1C test by 10/15",
    "Vaccines on 12/01/2025 and 01/12/2026", "Needs a bilingual therapist, anxiety", "Needs food boxes for four", "No documents needed for the food bank", "Bring documents: pay stubs, lease, ID",
    "Papers are at home, will bring them", "Needs help filling in papers for school", "Has no papers for the car yet", "Divorce papers need a notary", "Birth certificate for the child needed for school",
    "Her baby was born in March", "Newborn, born in the hospital on Sunday", "Lives with parents in Selma", "Senior citizen discount on the bus", "Senior citizens lunch at noon", "Resident of Fresno County",
    "County resident, two years", "City residents only", "Permanent address is her sister's", "Permanent housing wanted", "Is on parole until May", "Parole officer must sign", "Probation ended", "Illegal eviction by the landlord",
    "Landlord shut off water illegally", "Illegal lockout", "Wage theft, employer paid under minimum", "Employer threatened her", "Wants a work permit for her teen from the school", "Status of the referral: waiting", "What is the status of my application?",
    "Marital status: single", "Housing status unstable", "Employment status part time", "Insurance status unknown", "Medi-Cal status pending", "Visa card was declined", "Paid by Visa ending 4242", "Gift card Visa $50", "Can pay with Visa or Mastercard",
    "Refugio Luz shelter has a bed", "Refugee resettlement program office on Blackstone", "Likes Mexican food", "The Salvadoran restaurant is hiring", "Works at Guatemala Bakery", "From Fresno, moved to Madera", "He is from Visalia", "She comes from work at 6",
    "Comes from the clinic", "Just moved from Bakersfield", "Mexico travel clinic shots", "Punjabi speaker", "Speaks Mixtec and some Spanish", "Speaks Q'anjob'al; interpreter by phone", "Ice on the driveway, slipped", "Ice pack for the knee", "Needs ice chest for insulin", "EAD is the name of her school group",
    "Dream Center meets on Mondays", "Dreams of opening a bakery", "Dream home program", "Removal of mold in the apartment", "Tattoo removal program", "Removal of the old fridge", "Border of the two counties", "Crossed the street and fell", "Crossed Shaw Avenue by bus", "Coyote Ridge trail meetup",
    "Licence renewal at DMV, AB 60 workshop", "Driver's licence class", "Tax help: VITA site on Saturday", "Needs help applying for an ITIN", "ITIN workshop at the library", "Social worker will call", "Social security office letter, needs it read", "Passport photo place on Ventura", "Passport appointment at the post office", "Wants to get a passport for her child",
    "Domestic worker rights class", "Alien movie night at the teen centre", "Has number 12 in the queue", "Number of children: 3", "Household of 5; ages 2, 4, 9", "2 adults 3 kids", "Order 12345678 from the store", "Tracking 1Z9994444444444 arrived", "Confirmation code ABC123", "Meeting ID 883 4472 1190 on Zoom", "Zoom 88344721190 passcode 4471", "Flight UA1234",
    "Court date for the traffic ticket 3/2", "Small claims court, June 4", "Family court hearing", "Restraining order expires in May", "Detained at school for lateness", "Wet back yard after the rain", "Documented three calls on 3/1, 3/4, 3/9", "All visits are documented", "Undocked the trailer", "Reported to the school", "Supported by her sister", "Her case worker is Ana", "Legal aid for eviction", "Needs legal guardian form", "Legal resident services desk is closed", "Naturally shy", "National holiday, closed", "Native plants class", "Original lease is lost", "Origin of the debt unclear", "Green cardigan left in the lobby", "Yellow card for vaccines", "Bus card expired", "ID card renewal",
)  # fmt: skip
_CLEAN_ES: Final = (
    "Quiere entrar a la clase de ciudadanía los martes", "Las clases de ciudadanía empiezan en marzo", "Taller de DACA el sábado", "Inscribir al taller de renovación de DACA", "Pregunta por la clínica de DACA", "Taller de naturalización en Madera",
    "Necesita ayuda con la naturalización", "Clínica de renovación de green card, jueves", "Necesita ayuda legal de inmigración", "Consulta de inmigración gratis", "Consulta con la abogada de inmigración", "Taller conozca sus derechos",
    "Clínica de visa U, llamar antes", "Sesión informativa de TPS en la biblioteca", "Clínica de asilo de 9 a 12", "Servicios de defensa contra la deportación", "Servicios legales de inmigración para familias", "Ayuda con la solicitud de ciudadanía", "Examen de ciudadanía, práctica",
    "Taller N-400", "Clase de inglés nivel 2", "Llamar al 559-555-0101 después de las 5", "Teléfono (559) 555-0101 o 559.555.0101", "Cel 5595550101, solo texto", "Marcar +1 559 555 0101 ext. 204", "Tel. 559 555 0101; otro 661-555-0187", "Caso LS-2026-000123",
    "Nuestro caso es 2026-04417", "Expediente clínico 8834721", "Asunto 26-0012345", "Folio 4471", "Caso núm. CASE-10023", "Número de cuenta 12345", "EIN 77-0123456 de la organización", "Factura INV2026-0081 por $1,250.00", "La renta es $1,250 y se paga el 01/03/2026",
    "Cita 2026-03-14 a las 14:30", "14/3/2026, 9:00-11:30", "Pagó depósito de $5000, debe $10,000", "Ingreso de unos $32,000 al año, son 5", "Vive cerca de 1234 E Shaw Ave, Fresno, CA 93710-1234", "Código postal 93701", "Apartado 12345, Madera 93638", "Apto 205, edificio A",
    "El camión 28 para en la 8 y la A", "Salón A 205 en el segundo piso", "Nivel A1 de inglés", "Presión 140/90, A1C 7.2", "Toma metformina 500 mg dos veces al día", "Vacunas el 01/12/2025 y 12/01/2026", "Necesita terapeuta bilingüe, ansiedad", "Necesita despensa para cuatro",
    "No se piden documentos para la despensa", "Traer documentos: talones, contrato, identificación", "Los papeles están en su casa, los trae luego", "Necesita ayuda para llenar papeles de la escuela", "Papeles del divorcio, necesita notario", "Papel para el baño y pañales",
    "Acta de nacimiento del niño para la escuela", "Su bebé nació en marzo", "El bebé nació en el hospital el domingo", "Vive con sus papás en Selma", "Descuento para ciudadanos mayores", "Comida de la tercera edad a mediodía", "Residente del condado de Fresno", "Residentes de la ciudad solamente",
    "Domicilio permanente es el de su hermana", "Vivienda permanente", "Está en libertad condicional hasta mayo", "Desalojo ilegal del dueño", "El dueño cortó el agua ilegalmente", "Robo de salario, el patrón no pagó", "El patrón la amenaza", "Estado de la referencia: en espera", "¿Cuál es el estado de mi solicitud?",
    "Estado civil: soltera", "Estatus de la cita: confirmada", "Estatus de vivienda inestable", "Medi-Cal pendiente", "La tarjeta Visa fue rechazada", "Pagó con Visa terminación 4242", "Tarjeta de regalo Visa $50", "El albergue Refugio Luz tiene cama", "Oficina del programa de refugiados en Blackstone", "Le gusta la comida mexicana",
    "El restaurante salvadoreño contrata", "Trabaja en la panadería Guatemala", "Es de Fresno, se mudó a Madera", "Es de Visalia", "Viene de la clínica", "Viene de trabajar a las 6", "Llegó de Bakersfield el lunes", "Habla mixteco y algo de español", "Habla q'anjob'al; intérprete por teléfono", "Habla punjabi", "Ropa mojada por la lluvia",
    "El piso está mojado, se cayó", "Zapatos mojados", "Hielo para la rodilla", "Grupo Soñar se reúne los lunes", "Sueña con abrir una panadería", "Programa de remoción de tatuajes", "Remover el moho del apartamento", "Límite de los dos condados", "Cruzó la calle y se cayó", "Renovar la licencia en el DMV, taller AB 60",
    "Clase de manejo", "Ayuda con impuestos: VITA el sábado", "Necesita ayuda para sacar ITIN", "Taller de ITIN en la biblioteca", "La trabajadora social le llama", "Carta de la oficina del seguro social, que se la lean", "Necesita seguro médico", "Seguro de carro vencido", "Fotos de pasaporte en la calle Ventura", "Cita para pasaporte en el correo",
    "Quiere sacar pasaporte para su hija", "Derechos de trabajadoras del hogar", "Turno número 12", "Número de hijos: 3", "Son 5 en casa; edades 2, 4, 9", "Pedido 12345678 de la tienda", "Código de confirmación ABC123", "Zoom 883 4472 1190", "Corte por la multa de tránsito 2/3", "Corte de reclamos menores, 4 de junio", "Corte familiar", "Orden de restricción vence en mayo",
    "Documentó tres llamadas el 1/3, 4/3, 9/3", "Reporta fugas de agua", "Soporte de su hermana", "Ayuda legal por desalojo", "Tutor legal, formulario", "Fiesta nacional, cerrado", "Plantas nativas, clase", "Contrato original perdido", "Suéter verde olvidado", "Tarjeta del camión vencida", "Renovar identificación", "Deportes para los niños los sábados", "Clínica deportiva en el parque", "Frontera es el nombre de la tienda", "Permiso de la escuela para el paseo",
)  # fmt: skip


def _notes() -> tuple[NoteText, ...]:
    found = []
    for identifiers, around in ((_IDENTIFIERS_EN, _EN), (_IDENTIFIERS_ES, _ES)):
        for identifier, carrier in zip(identifiers, cycle(around), strict=False):
            found.append(NoteText(carrier.format(identifier), Label.IDENTIFIER))
    found += [NoteText(f"{text}." if number % 2 else text.lower(), Label.STATUS) for number, text in enumerate((*_STATUS_EN, *_STATUS_ES))]  # fmt: skip
    found += [NoteText(text if number % 3 else f"{text}. Thank you / gracias.", Label.CLEAN) for number, text in enumerate((*_CLEAN_EN, *_CLEAN_ES))]  # fmt: skip
    return tuple(found)


NOTES: Final = _notes()
