"""Reading the proof that a client consented, which another service signed."""

from __future__ import annotations

from typing import Any

from services.grants.refusals import ConsentProofRefused, proof_refused
from vereda.context import RequestContext
from vereda.signed import TokenRefusedError
from vereda.statements import ConsentProof, verifier


async def read_proof(
    context: RequestContext[Any], token: str, purpose: str
) -> ConsentProof | ConsentProofRefused:
    """The proof, if it is genuine, in time, for this purpose, and the caller is one of its two parties."""
    try:
        proof = await verifier(ConsentProof, context.settings).read(token)
    except TokenRefusedError:
        return proof_refused()
    if proof.purpose != purpose or context.caller.organization not in (proof.sponsor, proof.recipient):
        return proof_refused()
    return proof if proof.consent_expires_at > context.now else proof_refused()
