"""The gateway's wall: `@authenticated`, `@requiresScopes` and `@policy`, decided before an operation is planned.

`demands` is one thing that is asked; `rules` compiles what each coordinate of a supergraph asks for; `survey` finds what
an operation could run into; `wall` decides for one caller, and `removing` takes out what is closed, so that it is never
fetched. The executor puts null in its place, with an error.
"""

from gateway.guard.authorization.survey import Survey
from gateway.guard.authorization.wall import Verdict, Wall, refusal

__all__ = ["Survey", "Verdict", "Wall", "refusal"]
