"""Both languages are complete, and no page says anything that is in neither."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

import gateway.people
from gateway.people.languages import CATALOGUES
from gateway.people.passwords import Weakness
from gateway.store import Role
from vereda.caller import Scope

FOLDER = Path(gateway.people.__file__).parent
TEMPLATES = sorted((FOLDER / "pages" / "templates").glob("*.html"))
#: The product's own name is the same in every language.
OWN_NAMES = {"Vereda", "UTC"}


def sources() -> str:
    texts = [path.read_text() for path in (*FOLDER.rglob("*.py"), *TEMPLATES)]
    return "\n".join(texts)


def values_in(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name}


def test_every_message_is_in_every_language_with_the_same_values() -> None:
    english, spanish = CATALOGUES["en"], CATALOGUES["es"]

    assert english.keys() == spanish.keys()
    assert {key: values_in(text) for key, text in english.items()} == {
        key: values_in(text) for key, text in spanish.items()
    }
    assert [key for key, text in spanish.items() if not text.strip()] == []


def test_nothing_but_names_is_the_same_in_both() -> None:
    same = {key for key in CATALOGUES["en"] if CATALOGUES["en"][key] == CATALOGUES["es"][key]}

    assert same == set()


def test_every_role_scope_and_weakness_has_its_words() -> None:
    wanted = {
        *(f"role.{role.value}" for role in Role),
        *(f"scope.{scope.value}" for scope in Scope),
        *(f"password.{one.value}" for one in Weakness),
    }

    assert wanted <= CATALOGUES["en"].keys()


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_every_word_of_a_template_is_from_the_catalogue(template: Path) -> None:
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template.read_text(), flags=re.DOTALL)
    spoken = re.findall(r'(?:aria-label|title|alt|placeholder)="([^"]*)"', text)
    shown = re.sub(r"<[^>]*>", " ", text)

    assert set(re.findall(r"[^\W\d_]{2,}", " ".join([shown, *spoken]))) <= OWN_NAMES


def test_every_key_that_a_template_asks_for_is_there() -> None:
    keys = set(re.findall(r'\bt\("([a-z_.]+)"[,)]', sources()))

    assert len(keys) > 50
    assert keys - CATALOGUES["en"].keys() == set()
