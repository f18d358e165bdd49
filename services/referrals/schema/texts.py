"""Which strings of this service's mutations are no free text, or are looked over by the operation that takes them (R2)."""

from __future__ import annotations

from typing import Final

from vereda.screening.net import Text, Texts
from vereda.webhooks.graph import WEBHOOK_TEXTS

TEXTS: Final[Texts] = {
    **WEBHOOK_TEXTS,
    "ContactInput.value": Text.CODED,  # a telephone number or address; sealed, and of the class CONTACT
    "RecordClientInput.displayName": Text.BY_OPERATION,
    "RecordClientInput.safeHours": Text.BY_OPERATION,
    "RecordClientInput.zip3": Text.CODED,
    "PresentInput.name": Text.BY_OPERATION,
    "SendReferralInput.narrative": Text.BY_OPERATION,
    "SendReferralInput.placerId": Text.BY_OPERATION,
    "SendReferralInput.needs": Text.BY_OPERATION,
    "ConflictSetInput.alsoKnownAs": Text.BY_OPERATION,
    "ConflictSetInput.opposingParties": Text.BY_OPERATION,
    "CheckConflictInput.names": Text.CODED,  # compared with tokens, and not kept
    "SaveDraftInput.narrative": Text.BY_OPERATION,
    "SaveDraftInput.placerId": Text.BY_OPERATION,
    "SaveDraftInput.needs": Text.BY_OPERATION,
    "MoveReferralInput.fillerId": Text.BY_OPERATION,
    "PostMessageInput.text": Text.BY_OPERATION,
    "StartAttachmentInput.name": Text.BY_OPERATION,
    "SendAttachmentPartInput.content": Text.CODED,  # base64 of a file, whose kind is checked
    "HouseholdMemberInput.name": Text.BY_OPERATION,
    "HandOffWorkerInput.displayName": Text.BY_OPERATION,
    "interpreterLanguage": Text.CODED,
    "openTo": Text.CODED,  # signed offers
    "CheckInInput.code": Text.CODED,
    "slot": Text.CODED,  # a signed statement
    "ReferralPartInput.needs": Text.CODED,  # of those that the referral has
    "RecordConsentInput.serviceDomains": Text.CODED,
    # What is read to clients is about everybody: it is published, or kept as a hash alone.
    "RecordConsentInput.scriptText": Text.ABOUT_SERVICES,
    "PublishConsentScriptInput.text": Text.ABOUT_SERVICES,
    "PublishConsentScriptInput.audioReference": Text.ABOUT_SERVICES,
    # Sealed before it comes here, and a public key: checked by their form (R15).
    "WritePrivilegedNoteInput.sealed": Text.CODED,
    "RegisterCompartmentKeyInput.jwk": Text.CODED,
    # Codes of a form, without a row of anybody.
    "SubmitTallyInput.form": Text.CODED,
    "SubmitTallyInput.period": Text.CODED,
    "TallyLineInput.line": Text.CODED,
    "WorkshopTallyInput.form": Text.CODED,
    "WorkshopTallyInput.line": Text.CODED,
}
