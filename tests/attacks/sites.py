"""What a page of another site makes a browser send: requests that need no leave (Fetch §CORS-safelisted)."""

from __future__ import annotations

from tests.attacks.catalogue import Dropped, Harmless, Refused, attack, document, parameters
from tests.attacks.wire import Sent

_MUTATION = 'mutation M { rename(id: "p0", name: "x") { name } }'
_PREFLIGHTED = {"GraphQL-Preflight": "1"}
_BODY = b'{"query":"{ motto }"}'


def _typed(content_type: str | None) -> Sent:
    return Sent("POST", "/graphql", {"Content-Type": content_type} if content_type else {}, _BODY)


@attack("csrf", Refused("CSRF_PREVENTED"))
def a_query_by_get_without_a_header_that_needs_leave() -> Sent:
    """A GET must have something that no other site's page can send unasked."""
    return parameters(query="{ motto }")


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415), "GHSA-hff2-gcpx-8f4p")
def a_query_by_get_with_a_content_type_that_needs_no_leave() -> Sent:
    """Only application/json counts as such a header; text/plain does not."""
    return parameters({"Content-Type": "text/plain"}, query="{ motto }")


@attack("csrf", Refused("CSRF_PREVENTED"))
def a_mutation_by_get_without_a_header_that_needs_leave() -> Sent:
    """A GET must have something that no other site's page can send unasked."""
    return parameters(query=_MUTATION)


@attack("csrf", Refused("METHOD_NOT_ALLOWED", 405))
def a_mutation_by_get() -> Sent:
    """A GET reads; whatever its document holds, only a query is executed."""
    return parameters(_PREFLIGHTED, query=_MUTATION)


@attack("csrf", Refused("METHOD_NOT_ALLOWED", 405))
def a_mutation_by_get_named_among_two_operations() -> Sent:
    """What is looked at is the operation that would be executed, not the first one."""
    return parameters(_PREFLIGHTED, query="query Q { motto } " + _MUTATION, operationName="M")


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415), "CVE-2025-64166")
def a_post_of_plain_text() -> Sent:
    """A body is application/json, exactly."""
    return _typed("text/plain")


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415), "CVE-2025-64166")
def a_post_of_plain_text_that_mentions_json() -> Sent:
    """The media type is parsed, not searched for a word."""
    return _typed("text/plain;application/json")


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415), "CVE-2025-64166")
def a_post_of_two_content_types_in_one() -> Sent:
    """The media type is parsed, not searched for a word."""
    return _typed("text/plain, application/json")


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415))
def a_post_of_a_form() -> Sent:
    """A form is no GraphQL request."""
    return Sent(
        "POST", "/graphql", {"Content-Type": "application/x-www-form-urlencoded"}, b"query=%7B+motto+%7D"
    )


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415), "CVE-2024-47082", "GHSA-2p3c-p3qw-69r4")
def a_post_of_multipart_operations() -> Sent:
    """The multipart request specification is not served, with no header of any name."""
    part = b'--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n' + _BODY + b"\r\n--x--\r\n"
    return Sent("POST", "/graphql", {"Content-Type": "multipart/form-data; boundary=x", **_PREFLIGHTED}, part)


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415))
def a_post_without_a_content_type() -> Sent:
    """What does not say that it is JSON is not read as JSON."""
    return _typed(None)


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415))
def a_post_of_the_type_application_graphql() -> Sent:
    """A body is application/json, exactly."""
    return _typed("application/graphql")


@attack("csrf", Refused("UNSUPPORTED_MEDIA_TYPE", 415))
def a_post_in_another_charset() -> Sent:
    """JSON is UTF-8: what another reader would read otherwise is not read."""
    return _typed("application/json; charset=utf-7")


@attack("csrf", Harmless({"motto": "nobody alone"}))
def an_answer_asked_for_by_another_site() -> Sent:
    """No origin is allowed to read: there is no CORS header in any answer (checked of all of them)."""
    return document("{ motto }").having(Origin="https://evil.example", Cookie="session=stolen")


@attack("csrf", Harmless({"motto": "nobody alone"}))
def an_answer_asked_for_by_the_null_origin() -> Sent:
    """No origin is allowed to read, that of a sandboxed frame neither."""
    return document("{ motto }").having(Origin="null")


@attack("csrf", Dropped(405))
def leave_asked_for_by_another_site() -> Sent:
    """A preflight is answered without leave."""
    asking = {
        "Origin": "https://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type, authorization, graphql-preflight",
    }
    return Sent("OPTIONS", "/graphql", asking)
