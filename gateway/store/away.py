"""What is raised when the gateway's own database cannot be asked: it is away, too busy, or starting."""

from __future__ import annotations

from typing import Final

import asyncpg
from sqlalchemy.exc import SQLAlchemyError

#: What the driver raises while it connects reaches us as it is.
NO_DATABASE: Final[tuple[type[Exception], ...]] = (
    SQLAlchemyError,
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
)
