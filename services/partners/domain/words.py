"""How words are compared in a search: in small letters, without the accents of Spanish and its neighbours.

Folded by a table, because managed Postgres does not always have the extension `unaccent`. The tables' search columns
and the queries over them must fold alike.
"""

from __future__ import annotations

from typing import Final

ACCENTED: Final = "áàâäãéèêëíìîïóòôöõúùûüñç"
PLAIN: Final = "aaaaaeeeeiiiiooooouuuunc"
