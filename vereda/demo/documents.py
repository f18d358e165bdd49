"""The requests of the story; the README's tour uses the same."""

from __future__ import annotations

from typing import Final

SEARCH: Final = """
query FindHelp($zip: String!) {
  services(
    first: 5
    filter: {
      terms: ["legal.immigration.daca_renewal"], languages: ["spa"], withCapacity: true,
      near: {postalCode: $zip, miles: 40}
    }
  ) {
    nodes {
      id
      name
      distanceMiles(fromPostalCode: $zip)
      capacity { status available }
      organization { id name }
      offer
    }
  }
}
"""
OWN_SERVICES: Final = """
query OwnServices {
  myOrganization { name services(first: 50) { nodes { id name } } }
}
"""
REPORT_CAPACITY: Final = """
mutation ReportRoom($input: ReportCapacityInput!) {
  reportCapacity(input: $input) {
    ... on CapacityReported { capacity { status available expiresAt } }
    ... on Refusal { code message }
  }
}
"""
RECORD_CLIENT: Final = """
mutation RecordClient($input: RecordClientInput!) {
  recordClient(input: $input) {
    ... on ClientRecorded { client { handle displayName } }
    ... on Refusal { code message }
  }
}
"""
RECORD_CONSENT: Final = """
mutation RecordConsent($input: RecordConsentInput!) {
  recordConsent(input: $input) {
    ... on ConsentRecorded { consent { id scopeSentence } }
    ... on Refusal { code message }
  }
}
"""
SEND: Final = """
mutation Send($input: SendReferralInput!) {
  sendReferral(input: $input) {
    __typename
    ... on ReferralSent { referral { id state dueAt recipient { name } } }
    ... on Refusal { code message }
  }
}
"""
SLIP: Final = """
mutation Slip($input: IssueSlipInput!) {
  issueSlip(input: $input) { __typename ... on SlipIssued { code expiresAt } }
}
"""
CLAIM: Final = """
mutation Claim($input: ClaimByCodeInput!) {
  claimByCode(input: $input) { __typename ... on SlipClaimed { referral { id } } }
}
"""
INBOX: Final = """
query Inbox {
  inbox(first: 3) {
    nodes { id state client { displayName } narrative allowedMoves { move forbidden } sender { name } }
  }
}
"""
RECEIVED: Final = """
query Received($id: ID!) {
  referral(id: $id) {
    narrative
    needs
    consent { scopeSentence }
    client { displayName contacts { value } }
  }
}
"""
VERSION: Final = "query Version($id: ID!) { referral(id: $id) { version } }"
MOVE: Final = """
mutation Move($input: MoveReferralInput!) {
  moveReferral(input: $input) {
    __typename
    ... on ReferralMoved { referral { state loop outcome } }
    ... on Refusal { code message }
  }
}
"""
OUTCOME: Final = """
query Outcome($id: ID!) {
  referral(id: $id) { state outcome loop version timeline { move toState } }
}
"""
SETTLE: Final = """
mutation Confirm($input: SettleLoopInput!) {
  settleLoop(input: $input) {
    ... on ReferralMoved { referral { loop } }
    ... on Refusal { code message }
  }
}
"""
COHORTS: Final = """
query OpenCohorts {
  cohorts(filter: {statuses: [OPEN]}, first: 1) {
    nodes { id season year capacity admitted program { name } host { name } }
  }
}
"""
PROVE: Final = """
mutation Prove($input: ProveConsentInput!) {
  proveConsent(input: $input) {
    ... on ConsentProven { proof }
    ... on Refusal { code message }
  }
}
"""
ENROL: Final = """
mutation Enrol($input: EnrolParticipantInput!) {
  enrolParticipant(input: $input) {
    __typename
    ... on ParticipantEnrolled { participant { status cohort { season year } } }
    ... on Refusal { code message }
  }
}
"""
WHOLE: Final = """
query TheWhole($id: ID!) {
  referral(id: $id) {
    state
    outcome
    loop
    sender { name }
    recipient { name recognitions { status } }
    service { name organization { name } }
    client {
      displayName
      participations { status cohort { season program { name } host { name } } }
    }
  }
}
"""
