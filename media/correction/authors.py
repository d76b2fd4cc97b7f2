"""Who does an act: an account, or a visitor by the name that they gave."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Author:
    """A person whose act history keeps; the name stays when the account is closed."""

    account_id: int | None  # None: a visitor
    name: str
