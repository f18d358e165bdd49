"""Which strings of this service's mutations are no free text about somebody (R2)."""

from __future__ import annotations

from typing import Final

from vereda.screening.net import Text, Texts
from vereda.webhooks.graph import WEBHOOK_TEXTS

_ABOUT_PROGRAMS: Final = (
    "CreateTrainingProgramInput.name",
    "CreateTrainingProgramInput.nameEs",
    "CreateTrainingProgramInput.description",
    "CriterionInput.name",
    "CriterionInput.nameEs",
    "CreateFundingProgramInput.name",
    "CreateFundingProgramInput.nameEs",
    "CreateFundingProgramInput.description",
    "CreateFundingProgramInput.attestation",  # what applicants say of themselves, in the program's words (R4)
    "EligibilityStatementInput.text",  # the same, each
    "EligibilityStatementInput.textEs",
    "FundingTierInput.condition",
    "OpenFundingRoundInput.name",
    "RubricCriterionInput.name",
    "CreateFundingSourceInput.name",
    "CreateFundingSourceInput.givenBy",
    "RecordSubAwardInput.purpose",
    "DeliverableInput.name",
    "RubricCriterionInput.nameEs",
)
TEXTS: Final[Texts] = {
    "StartGrantDocumentInput.name": Text.BY_OPERATION,
    "SendGrantDocumentPartInput.content": Text.CODED,  # base64 of a file, whose kind is checked
    **WEBHOOK_TEXTS,
    **dict.fromkeys(_ABOUT_PROGRAMS, Text.ABOUT_SERVICES),
    "CreateFundingProgramInput.currency": Text.CODED,
    "EligibilityStatementInput.code": Text.CODED,  # capitals, checked
    "CriterionInput.code": Text.CODED,  # capitals, checked
    "ScoreInput.criterion": Text.CODED,  # one of the rubric's
    "ScheduleSessionsInput.rule": Text.CODED,  # RFC 5545, checked
    **dict.fromkeys(
        ("DisburseInput.payerReference", "RecordReturnInput.payerReference"), Text.ABOUT_SERVICES
    ),
}
