"""Which strings of this service's mutations are no free text about somebody (R2): the directory is about services."""

from __future__ import annotations

from typing import Final

from vereda.screening.net import Text, Texts
from vereda.webhooks.graph import WEBHOOK_TEXTS

_ABOUT_SERVICES: Final = (
    "OrganizationInput.name",
    "OrganizationInput.alternateName",
    "OrganizationInput.description",
    "ServiceInput.name",
    "ServiceInput.nameEs",
    "ServiceInput.description",
    "ServiceInput.descriptionEs",
    "ServiceInput.eligibilityDescription",
    "ServiceInput.feesDescription",
    "ServiceInput.applicationProcess",
    "EligibilityRuleInput.text",
    "EligibilityRuleInput.textEs",
    "CreateLocationInput.name",
    "CreateLocationInput.address1",
    "CreateLocationInput.description",
    "CreateLocationInput.transportation",
    "UpdateLocationInput.name",
    "UpdateLocationInput.address1",
    "UpdateLocationInput.description",
    "UpdateLocationInput.transportation",
    "FieldChangeInput.value",
    "ProposeChangeInput.note",
    "DecideChangeInput.reason",
    "SetSynonymInput.phrase",
    "PlanWorkshopInput.title",
    "PlanWorkshopInput.titleEs",
)
TEXTS: Final[Texts] = {
    **WEBHOOK_TEXTS,
    **dict.fromkeys(_ABOUT_SERVICES, Text.ABOUT_SERVICES),
    "OrganizationInput.slug": Text.CODED,
    "OrganizationInput.website": Text.CODED,
    "OrganizationInput.email": Text.CODED,
    "ServiceInput.url": Text.CODED,
    "PractitionerInput.publicName": Text.ABOUT_SERVICES,
    "PractitionerInput.languages": Text.CODED,
    "SetPopulationInput.source": Text.ABOUT_SERVICES,
    "AddWorkshopShiftInput.language": Text.CODED,
    "FieldChangeInput.field": Text.CODED,
    "DecideChangeInput.accept": Text.CODED,
    "DecideChangeInput.refuse": Text.CODED,
    "VerifyRecordInput.fields": Text.CODED,
    "SetSynonymInput.meanings": Text.CODED,  # words of a search, and codes
    "FileStandingsInput.standings": Text.CODED,  # signed by referrals
}
