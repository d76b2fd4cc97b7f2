"""What a screenshot is: a page, what is done on it before, and the sizes and schemes that it is taken in."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from playwright.sync_api import Page, ViewportSize

Scheme = Literal["light", "dark"]
Look = tuple[str, Scheme]

SIZES: dict[str, ViewportSize] = {
    "wide": {"width": 1280, "height": 860},
    "narrow": {"width": 390, "height": 844},
}
BOTH_WIDE: tuple[Look, ...] = (("wide", "light"), ("wide", "dark"))
ALL_LOOKS: tuple[Look, ...] = (*BOTH_WIDE, ("narrow", "light"), ("narrow", "dark"))


@dataclass(frozen=True)
class Shot:
    """A page to take."""

    name: str
    path: str
    signed_in: bool = False
    prepare: Callable[[Page], None] | None = None
    looks: tuple[Look, ...] = ALL_LOOKS
