"""What this server can do (R4 §5.2, CapabilityStatement): public, and the same for everybody."""

from __future__ import annotations

from typing import Any, Final

from facades.fhir.codes import SDOH
from facades.fhir.reading import READINGS
from facades.fhir.searching import INCLUDES
from facades.fhir.seeing import Resource
from facades.fhir.speaking import FHIR_JSON, JSON_PATCH

#: When what is said here last changed.
_DATED: Final = "2026-11-25"
_SEARCH: Final = {
    "_lastUpdated": "date",
    "_id": "token",
    "status": "token",
    "owner": "reference",
    "requester": "reference",
}
_PROFILES: Final = {
    "Task": "SDOHCC-TaskForReferralManagement",
    "ServiceRequest": "SDOHCC-ServiceRequest",
    "Consent": "SDOHCC-Consent",
    "HealthcareService": "SDOHCC-HealthcareService",
}


def capability_statement(base: str) -> Resource:
    return {
        "resourceType": "CapabilityStatement",
        "url": f"{base}/metadata",
        "status": "active",
        "date": _DATED,
        "kind": "instance",
        "software": {"name": "Vereda"},
        "implementation": {"description": "Referrals of this network", "url": base},
        "fhirVersion": "4.0.1",
        "format": [FHIR_JSON],
        "patchFormat": [JSON_PATCH],
        "implementationGuide": [
            "http://hl7.org/fhir/us/sdoh-clinicalcare/ImplementationGuide/hl7.fhir.us.sdoh-clinicalcare"
        ],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "cors": False,
                    "service": [
                        {
                            "coding": [
                                {
                                    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
                                    "code": "SMART-on-FHIR",
                                }
                            ]
                        }
                    ],
                    "description": "OAuth 2: SMART Backend Services (private_key_jwt); see .well-known/smart-configuration.",
                },
                "resource": [_resource(kind) for kind in READINGS],
                "interaction": [{"code": "transaction"}],
                "operation": [
                    {
                        "name": "process-message",
                        "definition": "http://hl7.org/fhir/OperationDefinition/MessageHeader-process-message",
                    }
                ],
            }
        ],
    }


def _resource(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = {"type": kind, "interaction": [{"code": "read"}]}
    if kind in _PROFILES:
        found["supportedProfile"] = [f"{SDOH}/{_PROFILES[kind]}"]
    if kind == "Task":
        found["interaction"] += [{"code": code} for code in ("update", "patch", "search-type")]
        found["versioning"] = "versioned-update"
        found["conditionalCreate"] = True
        found["searchInclude"] = list(INCLUDES)
        found["searchParam"] = [{"name": name, "type": type_} for name, type_ in _SEARCH.items()]
    return found


def smart_configuration(issuer: str) -> dict[str, Any]:
    """SMART App Launch 2.2 §2.3, as far as Backend Services go: a system with a key of its own. Scopes are the network's."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/.well-known/jwks.json",
        "token_endpoint": f"{issuer}/oauth/token",
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["ES256", "RS384", "ES384"],
        "scopes_supported": [
            "directory:read",
            "referral:send",
            "referral:receive",
            "consent:manage",
            "client:read",
        ],
        "capabilities": ["client-confidential-asymmetric"],
    }
