"""What this facade asks the graph: its documents, whole. What was sent to it goes into their variables alone."""

from __future__ import annotations

from typing import Final

_CONSENT: Final = """fragment ConsentParts on Consent {
  id grantor method validFrom expiresAt revokedAt active purposes dataClasses scopeSentence
  recipients { id } }"""

_CLIENT: Final = """fragment ClientParts on Client {
  handle displayName contacts { system value } contactMode safeHours language ageBand county { fips name } zip3 }"""

_ORGANIZATION: Final = (
    """fragment OrganizationParts on Organization { id name alternateName status website email kind }"""
)

_SERVICE: Final = """fragment ServiceParts on Service {
  id name nameEs description status email organization { id } terms { code name }
  capacity { status available expiresAt } }"""

#: All that a Task and its ServiceRequest say. What belongs to the client's need is asked for where it is wanted.
_REFERRAL: Final = """fragment TaskParts on Referral {
  id version urgency sentAt changedAt status state subState fhirStatus bserStatus loop reason outcome dueAt
  placerId fillerId sender { id } recipient { id } client { handle } consent { id } parent { id } }
fragment RequestParts on Referral {
  service { id } serviceCategory serviceDomain needs narrative }"""

_WHOLE: Final = f"{_REFERRAL} {_CLIENT} {_CONSENT} {_ORGANIZATION}"
_NODE: Final = """...TaskParts
  ...RequestParts @include(if: $focus)
  client @include(if: $patient) { ...ClientParts }
  consent @include(if: $consents) { ...ConsentParts }
  sender @include(if: $requester) { ...OrganizationParts }
  recipient @include(if: $owner) { ...OrganizationParts }"""
_WANTED: Final = (
    "$focus: Boolean!, $patient: Boolean!, $consents: Boolean!, $requester: Boolean!, $owner: Boolean!"
)

REFERRAL: Final = f"""query FhirReferral($id: ID!, {_WANTED}) {{
  myOrganization {{ id }} referral(id: $id) {{ {_NODE} }} }} {_WHOLE}"""

#: Both boxes, each a page of its own.
TASKS: Final = f"""query FhirTasks($filter: ReferralFilter, $first: Int!, $received: Boolean!, $sent: Boolean!,
  $afterReceived: String, $afterSent: String, {_WANTED}) {{
  myOrganization {{ id }}
  inbox(filter: $filter, first: $first, after: $afterReceived) @include(if: $received) {{
    nodes {{ {_NODE} }} pageInfo {{ hasNextPage endCursor }} }}
  outbox(filter: $filter, first: $first, after: $afterSent) @include(if: $sent) {{
    nodes {{ {_NODE} }} pageInfo {{ hasNextPage endCursor }} }} }} {_WHOLE}"""

CLIENT: Final = f"query FhirPatient($id: ID!) {{ client(handle: $id) {{ ...ClientParts }} }} {_CLIENT}"
CONSENT: Final = f"query FhirConsent($id: ID!) {{ consent(id: $id) {{ ...ConsentParts }} }} {_CONSENT}"
ORGANIZATION: Final = (
    f"query FhirOrganization($id: ID!) {{ organization(id: $id) {{ ...OrganizationParts }} }} {_ORGANIZATION}"
)
SERVICE: Final = f"query FhirService($id: ID!) {{ service(id: $id) {{ ...ServiceParts }} }} {_SERVICE}"

#: Nothing but who asks.
WHO: Final = "query FhirWho { __typename }"

#: Where a referral stands, and what can be done with it now.
STANDING: Final = """query FhirStanding($id: ID!) { referral(id: $id) {
  id version state fhirStatus allowedMoves { move through needsOutcome needsOffer reasons forbidden } } }"""

_REFUSAL: Final = """... on Refusal { code message }
  ... on InvalidInput { problems { field problem } } ... on SensitiveText { field }"""
MOVE: Final = f"""mutation FhirMove($input: MoveReferralInput!) {{ moveReferral(input: $input) {{ __typename
  ... on ReferralMoved {{ referral {{ id version }} }} {_REFUSAL} ... on MoveNotAllowed {{ allowedMoves }} }} }}"""
SAY: Final = f"""mutation FhirSay($input: PostMessageInput!) {{ postMessage(input: $input) {{ __typename
  ... on MessagePosted {{ posted {{ id }} }} {_REFUSAL} }} }}"""

OFFER: Final = (
    """query FhirOffer($id: ID!) { service(id: $id) { id offer organization { id } terms { code } } }"""
)
BY_PLACER: Final = """query FhirByPlacer($placerId: String!) {
  referralByPlacerId(placerId: $placerId) { id version } }"""
RECORD_CLIENT: Final = f"""mutation FhirClient($input: RecordClientInput!) {{ recordClient(input: $input) {{ __typename
  ... on ClientRecorded {{ client {{ handle version }} }} {_REFUSAL} }} }}"""
RECORD_CONSENT: Final = f"""mutation FhirRecordConsent($input: RecordConsentInput!) {{
  recordConsent(input: $input) {{ __typename ... on ConsentRecorded {{ consent {{ id }} }} {_REFUSAL} }} }}"""
SEND: Final = f"""mutation FhirSend($input: SendReferralInput!) {{ sendReferral(input: $input) {{ __typename
  ... on ReferralSent {{ referral {{ id version }} }} {_REFUSAL} ... on ConsentMissing {{ missing }} }} }}"""
