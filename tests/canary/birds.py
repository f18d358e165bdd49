"""Values that occur nowhere else: planted where a client can write, and looked for where nobody may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

#: In every planted word, whatever else it has to look like.
MARK = "zorzal"


@dataclass
class Birds:
    """Makes canaries, and remembers where each was planted: by the input type's name and the field's.

    `secrets` are what the network itself gave out or was told by people: tokens, passwords, codes.
    """

    planted: dict[str, tuple[str, str]] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    def text(self, owner: str, name: str) -> str:
        """A new canary for a field, in a shape that the field takes."""
        number = len(self.planted) + 1
        word = f"{MARK}{number:03d}"
        shaped = {
            "email": f"{word}@clinic.example.org",
            "url": f"https://{word}.example.org/",
            "website": f"https://{word}.example.org/",
            "slug": f"{word}-clinic",
            "value": f"559-731-{number:04d}",
            "locale": "es",
        }.get(name, f"{word} {name}")
        self.planted[shaped if name != "locale" else word] = (owner, name)
        return shaped

    def secret(self, what: str, value: str) -> str:
        """Remember a secret; what of it is looked for is its end, where tokens differ."""
        self.secrets[value[-43:]] = what
        return value

    def found_in(self, text: str, *, but: Iterable[tuple[str, str]] = ()) -> dict[str, str]:
        """Every canary and secret in `text`, with where it came from; `but` those planted in these fields."""
        allowed = set(but)
        low = text.lower()
        words = {
            word: ".".join(place)
            for word, place in self.planted.items()
            if place not in allowed and word.lower() in low
        }
        return words | {secret: what for secret, what in self.secrets.items() if secret in text}
