"""Bodies and values that are no, or barely, JSON."""

from __future__ import annotations

import gzip

from tests.attacks.catalogue import Harmless, Refused, attack, body, document
from tests.attacks.wire import Sent

_QUERY = b'"query":"query($t: String) { echo(text: $t) }"'


@attack("dos", Refused("BAD_REQUEST"))
def variables_nested_twenty_thousand_deep() -> Sent:
    """The JSON parser has a depth of its own."""
    return body(b"{" + _QUERY + b',"variables":{"t":' + b"[" * 20_000 + b"]" * 20_000 + b"}}")


@attack("dos", Refused("BAD_REQUEST"))
def variables_nested_deep_in_unused_places() -> Sent:
    """The JSON parser has a depth of its own, wherever the depth is."""
    return body(b"{" + _QUERY + b',"extensions":{"x":' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}}")


@attack("dos", Refused("UNSUPPORTED_MEDIA_TYPE", 415), "CVE-2024-28101")
def a_compressed_bomb() -> Sent:
    """Compressed bodies are not taken."""
    return body(gzip.compress(b"\0" * 16_000_000)).having(Content_Encoding="gzip")


@attack("dos", Refused("UNSUPPORTED_MEDIA_TYPE", 415), "CVE-2024-28101")
def a_body_compressed_twice() -> Sent:
    """Compressed bodies are not taken, in no coding of any name."""
    return body(b"x").having(Content_Encoding="gzip, br, x-unknown")


@attack("dos", Harmless({"echo": "a\0b"}))
def a_zero_byte_in_a_string() -> Sent:
    """It is a character as others are; the services refuse it before their database sees it."""
    return document("query($t: String) { echo(text: $t) }", t="a\0b")


@attack("dos", Refused("BAD_REQUEST"))
def a_lone_surrogate_in_a_variable() -> Sent:
    """What cannot be written in UTF-8 is no text."""
    return body(b"{" + _QUERY + b',"variables":{"t":"\\ud800"}}')


@attack("dos", Refused("GRAPHQL_PARSE_FAILED"))
def a_lone_surrogate_in_the_document() -> Sent:
    """GraphQL's own escapes are checked by its lexer."""
    return document('{ echo(text: "\\ud800") }')


@attack("dos", Refused("BAD_REQUEST"))
def a_body_that_is_no_utf_8() -> Sent:
    """A body is JSON in UTF-8, or refused."""
    return body(b'{"query":"{ motto \xff\xfe }"}')


@attack("dos", Refused("BAD_REQUEST"))
def a_body_in_utf_16_without_saying_so() -> Sent:
    """A body is JSON in UTF-8, or refused."""
    return body('{"query":"{ motto }"}'.encode("utf-16"))


@attack("dos", Refused("BAD_REQUEST"))
def a_body_that_is_a_number() -> Sent:
    """A request is a JSON object."""
    return body(3)


@attack("dos", Refused("BAD_REQUEST"))
def a_body_that_is_null() -> Sent:
    """A request is a JSON object."""
    return body(None)


@attack("dos", Refused("BAD_REQUEST"))
def a_body_that_is_a_text() -> Sent:
    """A request is a JSON object."""
    return body("{ motto }")


@attack("dos", Refused("BATCHING_NOT_SUPPORTED"))
def a_body_that_is_an_empty_list() -> Sent:
    """Batches are not taken, empty ones neither."""
    return body([])


@attack("dos", Refused("BAD_REQUEST"))
def a_query_that_is_an_object() -> Sent:
    """`query` is a text."""
    return body({"query": {"toString": "{ motto }"}})


@attack("dos", Refused("BAD_REQUEST"))
def variables_that_are_a_list() -> Sent:
    """`variables` is an object."""
    return body({"query": "{ motto }", "variables": [1, 2]})


@attack("dos", Harmless({"motto": "nobody alone"}))
def a_key_that_is_there_twice() -> Sent:
    """The last one counts, for every check and for the execution: the body is read once, by one parser."""
    return body(b'{"query":"{ __schema { types { name } } }","query":"{ motto }"}')


@attack("dos", Refused("INTROSPECTION_DISABLED"))
def a_key_that_is_there_twice_the_other_way() -> Sent:
    """The last one counts, for every check and for the execution: the body is read once, by one parser."""
    return body(b'{"query":"{ motto }","query":"{ __schema { types { name } } }"}')


@attack("dos", Refused("BAD_REQUEST"))
def numbers_that_are_none() -> Sent:
    """NaN and Infinity are not JSON."""
    return body(b"{" + _QUERY + b',"variables":{"t":NaN,"u":Infinity}}')


@attack("dos", Refused("BAD_USER_INPUT"))
def a_float_beyond_all_bounds() -> Sent:
    """An Int has 32 bits."""
    return body(b'{"query":"query($n: Int) { echo(times: $n) }","variables":{"n":1e308}}')


@attack("dos", Refused("NESTED_TOO_DEEPLY"))
def an_input_object_nested_in_itself_four_hundred_times() -> Sent:
    """How deep a variable's value is, is looked at before it is coerced."""
    deep = b'{"and":' * 400 + b"{}" + b"}" * 400
    return body(b'{"query":"query($f: Filter) { echo(filter: $f) }","variables":{"f":' + deep + b"}}")
