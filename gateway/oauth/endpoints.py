"""The endpoints that clients ask: read the form, check the proof, authenticate the client, load, let authlib decide,
store, answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidGrantError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.oauth.access import AccessTokens, token_id
from gateway.oauth.authentication import ClientAuthentication
from gateway.oauth.authorize import AuthorizationEndpoint
from gateway.oauth.client import SERVER, Client
from gateway.oauth.errors import InvalidProofError, ProofNonceError, UnavailableError
from gateway.oauth.families import AlreadyUsedError, Families, Refresh, Spendable
from gateway.oauth.forms import FormRequest, Loaded, Presented
from gateway.oauth.proofs import NonceWantedError, Proof, ProofCheck, ProofRefusedError
from gateway.oauth.pushed import LASTS
from gateway.oauth.requests import credentials_of, read_form
from gateway.oauth.server import AuthorizationServer
from gateway.store.away import NO_DATABASE
from vereda.database import Database
from vereda.signed import TokenRefusedError
from vereda.telemetry import logger, request_id

_log = logger("oauth")
Decide = Callable[[FormRequest], Awaitable[Response]]


class Endpoints:
    def __init__(
        self,
        database: Database,
        tokens: AccessTokens,
        families: Families,
        clients: ClientAuthentication,
        proofs: ProofCheck,
        authorization: AuthorizationEndpoint,
    ) -> None:
        self._database = database
        self._tokens = tokens
        self._families = families
        self._clients = clients
        self._proofs = proofs
        self._authorization = authorization
        self._server = AuthorizationServer(tokens, families)

    async def token(self, request: Request) -> Response:
        """RFC 6749 §3.2, RFC 9449 §5."""
        return await self._answer(request, self._issue)

    async def push(self, request: Request) -> Response:
        """RFC 9126 §2, RFC 9449 §10.1."""
        return await self._answer(request, self._push)

    async def revoke(self, request: Request) -> Response:
        """RFC 7009 §2."""
        return await self._answer(request, self._revoke)

    async def introspect(self, request: Request) -> Response:
        """RFC 7662 §2."""
        return await self._answer(request, self._introspect)

    async def _answer(self, request: Request, decide: Decide) -> Response:
        try:
            form = await read_form(request)
            url = f"{self._tokens.issuer}{request.url.path}"
            proof = self._proof(request, url)
            address = request.client.host if request.client else ""
            client = await self._clients.client(credentials_of(request, form), address, url)
            if proof is not None:
                await self._proofs.spend(proof)
            response = await decide(FormRequest(url, form, client, await self._load(form, proof)))
            if proof is not None:
                response.headers["DPoP-Nonce"] = self._proofs.nonces.current()
            return response
        except ProofRefusedError as error:
            return self._refusal(InvalidProofError(str(error)))
        except OAuth2Error as error:
            return self._refusal(error)
        except NO_DATABASE as error:
            # The kind of error only: its text would repeat what was sent to the database.
            _log.error("no database", kind=type(error).__name__, rid=request_id.get())
            return self._refusal(UnavailableError())

    def _refusal(self, error: OAuth2Error) -> Response:
        return self._server.handle_response(*error())

    def _proof(self, request: Request, url: str) -> Proof | None:
        """The request's DPoP proof, looked at before the client is: a client that has to ask again with a nonce has then
        used up nothing. Raises: ProofRefusedError, OAuth2Error."""
        headers = request.headers.getlist("dpop")
        if not headers:
            return None
        try:
            return self._proofs.read(headers, request.method, url)
        except NonceWantedError as error:
            raise ProofNonceError(error.nonce, str(error)) from None

    async def _load(self, form: Mapping[str, str], proof: Proof | None) -> Loaded:
        token = form.get("token") or form.get("subject_token")
        return Loaded(
            code=await self._families.code(form["code"]) if "code" in form else None,
            refresh=await self._families.refresh(form["refresh_token"]) if "refresh_token" in form else None,
            token=await self._presented(token) if token else None,
            jkt=None if proof is None else proof.jkt,
        )

    async def _presented(self, token: str) -> Presented | Refresh | None:
        """A token that is good at this moment."""
        refresh = await self._families.refresh(token)
        if refresh is not None:
            return refresh if refresh.is_good else None
        try:
            live = await self._tokens.live(token)
            return Presented(token_id(live.claims), live.claims, live.family)
        except TokenRefusedError:
            return None

    async def _issue(self, request: FormRequest) -> Response:
        response: Response = self._server.create_token_response(request)
        if request.reused is not None:
            await self._end_reused(request.reused, request.authenticated)
        elif request.issued is not None:
            try:
                await self._store(request)
            except AlreadyUsedError:
                assert request.spent is not None
                await self._end_reused(request.spent, request.authenticated)
                return self._refusal(InvalidGrantError("It was used before."))
        return response

    async def _store(self, request: FormRequest) -> None:
        """What is used up and what is given out: both or neither. Raises: AlreadyUsedError."""
        assert request.issued is not None
        async with self._database.transaction(SERVER) as session:
            if request.spent is not None:
                await self._families.spend(session, request.spent)
            if request.fresh is not None:
                await self._families.record(session, request.fresh)
            await self._tokens.record(session, request.issued)

    async def _end_reused(self, used: Spendable, client: Client) -> None:
        reason = "code_reused" if used.what == "code" else "refresh_token_reused"
        await self._families.revoke(used.family, reason=reason, by=client.client_id)

    async def _push(self, request: FormRequest) -> Response:
        parameters, jkt = list(request.form.items()), request.loaded.jkt
        if jkt is not None:
            if request.form.get("dpop_jkt", jkt) != jkt:
                raise InvalidProofError("The dpop_jkt is of another key than the proof.")
            parameters = [*(one for one in parameters if one[0] != "dpop_jkt"), ("dpop_jkt", jkt)]
        reference = await self._authorization.push(request.authenticated, parameters)
        body = {"request_uri": reference, "expires_in": int(LASTS.total_seconds())}
        return JSONResponse(body, 201, {"Cache-Control": "no-store"})

    async def _revoke(self, request: FormRequest) -> Response:
        response: Response = self._server.create_endpoint_response("revocation", request)
        if isinstance(request.revoked, Refresh):
            await self._families.revoke(
                request.revoked.family, reason="revoked", by=request.authenticated.client_id
            )
        elif request.revoked is not None:
            await self._tokens.revoke(request.revoked.jti)
        return response

    async def _introspect(self, request: FormRequest) -> Response:
        response: Response = self._server.create_endpoint_response("introspection", request)
        return response
