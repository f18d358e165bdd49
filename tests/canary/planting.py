"""Plants canaries in a running network: through every mutation, done and failing, through OAuth and the sign-in pages."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import asyncpg
import httpx
from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from gateway.oauth import clients
from gateway.people import People, register
from gateway.people.events import SERVER
from gateway.people.totp import current_code
from gateway.store import Role
from tests.canary.birds import MARK, Birds
from tests.canary.steps import REFUSED, STEPS, Learnt, Step
from tests.support.forms import Page
from tests.support.inputs import LEFT_OUT, Inputs, call
from tests.support.running import RunningNetwork
from vereda.caller import Scope
from vereda.database import Database
from vereda.ids import new_id
from vereda.postgres import EmbeddedPostgres
from vereda.secrets import Secrets
from vereda.settings import Running, Settings

API: Final[GraphQLSchema] = build_schema(
    (Path(__file__).parent.parent.parent / "schema" / "api.graphql").read_text()
)
WHO: Final = ("coordinator", "clinic", "provider", "stranger")
#: What a query finds one of, where the steps call it otherwise.
_MADE: Final = {"fundingRound": "round", "grantApplication": "application"}


def mutations() -> dict[str, GraphQLField]:
    assert API.mutation_type is not None
    return API.mutation_type.fields


def queries() -> dict[str, GraphQLField]:
    assert API.query_type is not None
    return API.query_type.fields


def everything_of(kind: Any, depth: int) -> str:
    """A selection of all leaves of a type, and of what hangs on it, so deep."""
    named = get_named_type(kind)
    if is_leaf_type(named):
        return ""
    if isinstance(named, GraphQLUnionType):
        return f" {{ __typename ... on {named.types[0].name}{everything_of(named.types[0], depth)} }}"
    assert isinstance(named, GraphQLObjectType)
    parts = [
        f"{name}{everything_of(one.type, depth - 1)}"
        for name, one in named.fields.items()
        if not any(map(is_required_argument, one.args.values()))
        and (depth > 0 or is_leaf_type(get_named_type(one.type)))
    ]
    return f" {{ __typename {' '.join(parts)} }}"


class Browser:
    """Keeps cookies, and sends those that are for TLS on loopback without it, as browsers do."""

    def __init__(self, http: httpx.AsyncClient, origin: str) -> None:
        self._http = http
        self._origin = origin
        self._cookies: dict[str, str] = {}
        self._page = Page("", "")
        self.seen: list[tuple[str, str]] = []

    async def open(self, path: str) -> Page:
        return await self._shown(await self._http.get(path, headers=self._headers()))

    async def send(self, action: str, **filled: str) -> Page:
        """Fill in and send the form of the page that is shown whose action is this."""
        form = self._page.form(action)
        data = {**form.fields, **filled}
        return await self._shown(await self._http.post(form.action, data=data, headers=self._headers()))

    def _headers(self) -> dict[str, str]:
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": cookies, "Origin": self._origin, "Sec-Fetch-Site": "same-origin"}

    async def _shown(self, answer: httpx.Response) -> Page:
        for line in answer.headers.get_list("set-cookie"):
            name, value = line.partition(";")[0].split("=", 1)
            self._cookies[name] = value
            if len(value) > 20:
                self.seen.append((name, value))
        if answer.is_redirect:
            return await self.open(answer.headers["location"])
        self._page = Page(answer.url.path, answer.text, answer.status_code)
        return self._page


@dataclass
class Planter:
    """One network, and all that was said to it and by it."""

    network: RunningNetwork
    birds: Birds = field(default_factory=Birds)
    known: dict[str, Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    to_strangers: list[str] = field(default_factory=list)
    done: set[str] = field(default_factory=set)

    async def everything(self) -> None:
        settings = Settings(home=self.network.home)
        urls = Running.read(settings).database_urls
        gateway = Database(urls["gateway"], pool_size=2)
        async with httpx.AsyncClient(base_url=self.network.url, timeout=30) as self.http:
            try:
                await self._sign_systems_in(gateway)
                watching = asyncio.create_task(self._watch_as_a_stranger())
                for step in STEPS:
                    await self._do(step)
                await self._fail()
                await self._oauth()
                await self._person(People.of(settings, gateway))
                await self._break(settings, urls)
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)
                await self._ask_everything("stranger")
            finally:
                await gateway.close()

    async def ask(self, who: str, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        answer = await self._post(who, json.dumps({"query": document, "variables": variables}).encode())
        return dict(answer.json())

    async def _post(self, who: str, body: bytes, **headers: str) -> httpx.Response:
        head = {"Authorization": f"Bearer {self.tokens[who]}", "Content-Type": "application/json", **headers}
        answer = await self.http.post("/graphql", content=body, headers=head)
        if who == "stranger":
            self.to_strangers.append(answer.text)
        return answer

    async def _sign_systems_in(self, gateway: Database) -> None:
        for who in WHO:
            secret = self.birds.secret(f"the secret of {who}", f"{MARK}-secret-{new_id()}")
            self.known[who] = str(new_id())
            if who in ("clinic", "provider"):  # organisations of the directory: the coordinator lets them in
                await self._do(STEPS[0])
                self.known[who] = self.known["organization"]
                self.known[f"{who}.version"] = 1
            await clients.register(
                gateway,
                clients.Registration(
                    client_id=who,
                    secret=secret,
                    organization=UUID(self.known[who]),
                    name=self.birds.text("oauth_clients", "name"),
                    scopes=list(Scope),
                ),
            )
            form = {"grant_type": "client_credentials"}
            answer = await self.http.post("/oauth/token", data=form, auth=(who, secret))
            assert answer.status_code == 200, answer.text
            self.tokens[who] = self.birds.secret(f"a token of {who}", answer.json()["access_token"])

    async def _do(self, step: Step) -> None:
        """Do the step as it is meant, and learn from its answer."""
        declared = mutations()[step.mutation]
        known = {place: self._resolved(value) for place, value in step.given.items()}
        arguments = Inputs(known, self.birds.text, whole=True).arguments(step.mutation, declared)
        document = call("mutation", step.mutation, declared, arguments).replace(
            " { __typename }", everything_of(declared.type, 2)
        )
        answer = await self.ask(step.by, document, arguments)
        assert "errors" not in answer, (step.mutation, answer["errors"])
        payload = answer["data"][step.mutation]
        kind = get_named_type(declared.type)
        # What can be answered in one way alone is no union.
        success = kind.types[0] if isinstance(kind, GraphQLUnionType) else kind
        succeeded = payload["__typename"] == success.name
        assert succeeded or step.mutation in REFUSED, (
            step.mutation,
            payload,
            await self._why(step, arguments),
        )
        self.done.add(step.mutation)
        for name, path in step.learns.items():
            value: Any = payload
            for part in path.split("."):
                value = value[int(part) if part.isdigit() else part]
            self.known[name] = value
            if name.endswith("secret"):
                self.birds.secret(f"what {step.mutation} gave out", value)

    async def _why(self, step: Step, arguments: Mapping[str, Any]) -> dict[str, Any]:
        declared = mutations()[step.mutation]
        refusal = " { ... on Refusal { message } }"
        document = call("mutation", step.mutation, declared, arguments).replace(" { __typename }", refusal)
        return await self.ask(step.by, document, arguments)

    def _resolved(self, value: Any) -> Any:
        if isinstance(value, Learnt):
            return self.known[value.name]
        return [self._resolved(one) for one in value] if isinstance(value, list) else value

    async def _watch_as_a_stranger(self) -> None:
        """What somebody else gets to read meanwhile, of refusals and errors most of all."""
        while True:
            await self._ask_everything("stranger")
            await asyncio.sleep(0.2)

    async def _ask_everything(self, who: str) -> None:
        everything = [value for value in self.known.values() if isinstance(value, str)]
        for name, declared in queries().items():
            there = self.known.get(_MADE.get(name, name))
            ids = everything if there is None else [there]
            for id_ in ids if any(map(is_required_argument, declared.args.values())) else [""]:
                known = {(name, argument): id_ for argument in ("id", "handle")}
                arguments = Inputs(known).arguments(name, declared)
                document = call("query", name, declared, arguments).replace(
                    " { __typename }", everything_of(declared.type, 2)
                )
                try:
                    await self.ask(who, document, arguments)
                except (httpx.HTTPError, json.JSONDecodeError):
                    await asyncio.sleep(0.05)

    async def _fail(self) -> None:
        """Every mutation again, by who may do it, with input that cannot be taken; and what is no request at all."""
        by = {step.mutation: step.by for step in STEPS}
        for name, declared in mutations().items():
            arguments = Inputs(text=self.birds.text, whole=True).arguments(name, declared)
            document = call("mutation", name, declared, arguments)
            kind = str(get_named_type(declared.args["input"].type))
            for broken in _broken(arguments, partial(self.birds.text, kind, "broken")):
                await self.ask(by[name], document, broken)
        for body in self._no_requests():
            await self._post("clinic", body)
        word = self.birds.text("failing", "head")
        for headers in (
            {"Authorization": f"Bearer {word}"},
            {"Authorization": f"Basic {word}"},
            {"DPoP": word},
            {"Cookie": f"__Host-session={word}; {word}={word}"},
            {"Content-Type": f"text/{word.split()[0]}"},
        ):
            await self._post("clinic", b"{}", **headers)
        for path in (f"/graphql?query={{{word}}}", f"/{word}", f"/oauth/{word}", f"/sign-in?next=/{word}"):
            for method in ("GET", "POST", "DELETE"):
                await self.http.request(method, path)

    def _no_requests(self) -> Iterator[bytes]:
        word = self.birds.text("failing", "body").encode()
        yield b'{"query": "' + word
        yield word
        yield b"[" + json.dumps(word.decode()).encode() + b"]"
        for query in (
            b"{ %s }",
            b"mutation { %s }",
            b"query %s { counties { name } } {",
            b"{ counties(%s: 1) { name } }",
            b'{ organization(id: \\"%s\\") { name } }',
            b'{ services(after: \\"%s\\") { nodes { name } } }',
            b'{ services(filter: {text: \\"%s\\", near: {postalCode: \\"%s\\"}}) { nodes { name } } }',
            b"{ counties @%s { name } }",
        ):
            inner = word.split()[0]
            yield b'{"query": "' + query.replace(b"%s", inner) + b'"}'
        yield b'{"query": "query($x: Int) { counties { name } }", "variables": {"x": "' + word + b'"}}'
        yield b'{"query": "{ counties { name } }", "operationName": "' + word + b'"}'
        yield b'{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "' + word + b'"}}}'

    async def _oauth(self) -> None:
        """The authorization server, told what it cannot take."""
        secret = self.birds.secret("a wrong secret", f"{MARK}-wrong-{new_id()}")
        code = self.birds.secret("an authorization code", f"{MARK}-code-{new_id()}")
        token = self.birds.secret("a refresh token", f"{MARK}-refresh-{new_id()}")
        assertion = self.birds.secret("an assertion", f"{MARK}-assertion-{new_id()}")
        bearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        exchange = "urn:ietf:params:oauth:grant-type:token-exchange"
        for form in (
            {"grant_type": "client_credentials", "scope": self.birds.text("oauth", "scope")},
            {"grant_type": "authorization_code", "code": code, "code_verifier": code, "redirect_uri": code},
            {"grant_type": "refresh_token", "refresh_token": token},
            {"grant_type": exchange, "subject_token": token, "subject_token_type": token},
            {
                "grant_type": "client_credentials",
                "client_assertion": assertion,
                "client_assertion_type": bearer,
            },
            {"grant_type": secret},
            {"token": token, "token_type_hint": token},
        ):
            for path in ("/oauth/token", "/oauth/revoke", "/oauth/introspect", "/oauth/authorize"):
                await self.http.post(path, data=form, auth=("clinic", secret))
                await self.http.post(path, data=form)
        await self.http.get(f"/oauth/authorize?client_id=clinic&code={code}&state={code}&redirect_uri={code}")

    async def _person(self, people: People) -> None:
        """Somebody signs in, with a second factor for the first time, and fails at it."""
        password = self.birds.secret("a password", f"kettle northward {MARK} 58")
        wrong = self.birds.secret("a wrong password", f"plum {MARK} sideways 77")
        email = self.birds.text("people", "email")
        invitee = await register.add_person(
            people.database,
            email=email,
            display_name=self.birds.text("people", "displayName"),
            organization=UUID(self.known["clinic"]),
            role=Role.CASE_WORKER,
            by="operator",
        )
        hashed = await people.hashing.hash(password)
        async with people.database.transaction(SERVER) as session:
            await register.set_password(session, invitee.person_id, hashed, by="operator")

        browser = Browser(self.http, self.network.url)
        await browser.open("/sign-in")
        await browser.send("/sign-in", email=email, password=wrong)
        await browser.open("/sign-in")
        enrolment = await browser.send("/sign-in", email=email, password=password)
        [secret] = re.findall(r'<code class="secret">(\w+)</code>', enrolment.text)
        self.birds.secret("an authenticator's secret", secret)
        await browser.send("/sign-in/enrol/totp", code="000000")
        shown = await browser.send("/sign-in/enrol/totp", code=current_code(secret))
        codes = re.findall(r"<code>([\w-]{8,})</code>", shown.text)
        assert codes, shown.text
        for one in codes:
            self.birds.secret("a recovery code", one)
        for name, value in browser.seen:
            self.birds.secret(f"the cookie {name}", value)

    async def _break(self, settings: Settings, urls: Mapping[str, str]) -> None:
        """Postgres that takes too long, ends connections and refuses rows; a service that is killed."""
        admin = EmbeddedPostgres(settings.home / "postgres", Secrets(settings.home / "secrets")).admin_url
        connection = await asyncpg.connect(admin.replace("/postgres?", "/vereda_referrals?"))
        try:
            for breaking in ("SELECT 1", "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE NOT granted"):
                async with connection.transaction():
                    await connection.execute("LOCK TABLE clients, referrals IN ACCESS EXCLUSIVE MODE")
                    writing = asyncio.gather(*(self._record_client() for _ in range(3)))
                    await asyncio.sleep(0.3)
                    await connection.execute(breaking)
                    await writing
        finally:
            await connection.close()
        await self._refused_by_postgres(urls["referrals"])
        dying = asyncio.gather(*(self._record_client() for _ in range(8)), return_exceptions=True)
        os.kill(self.network.process_ids()["referrals"], signal.SIGKILL)
        await dying
        async with asyncio.timeout(20):
            while "errors" in await self.ask("clinic", "{ clients { nodes { handle } } }", {}):
                await asyncio.sleep(0.1)

    async def _record_client(self) -> dict[str, Any]:
        declared = mutations()["recordClient"]
        arguments = Inputs(text=self.birds.text, whole=True).arguments("recordClient", declared)
        return await self.ask("clinic", call("mutation", "recordClient", declared, arguments), arguments)

    async def _refused_by_postgres(self, url: str) -> None:
        """A row that breaks a constraint, which Postgres would quote in the details of its complaint."""
        connection = await asyncpg.connect(url)
        try:
            await connection.execute("SELECT set_config('vereda.scopes', 'system', false)")
            with suppress(asyncpg.NotNullViolationError):
                await connection.execute(
                    "INSERT INTO consents (id, captured_by) VALUES ($1, $2)",
                    new_id(),
                    self.birds.text("failing", "row"),
                )
        finally:
            await connection.close()


def _broken(arguments: Mapping[str, Any], word: Any) -> Iterator[dict[str, Any]]:
    """The same arguments with something of another type, too long, with a NUL, unknown, and no id in each place."""
    yield {name: word() for name in arguments}
    yield {**arguments, "input": {**arguments["input"], word().replace(" ", ""): 1}}
    for change in (
        lambda _old: {word(): word()},
        lambda old: word() + "x" * 50_000 if isinstance(old, str) else old,
        lambda old: f"{word()}\0" if isinstance(old, str) else old,
        lambda old: word() if isinstance(old, str) else old,
        lambda _old: word(),
        lambda old: 2**31 if isinstance(old, int) else old,
        lambda old: f"\udc80{word()}" if isinstance(old, str) else old,
    ):
        yield {"input": {name: change(value) for name, value in arguments["input"].items()}}


__all__ = ["LEFT_OUT", "Planter", "mutations"]
