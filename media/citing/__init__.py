"""How a passage is cited: sentences, styles, templates and records that others read."""

from media.citing.citable import Citable
from media.citing.records import RECORDS, write_coins
from media.citing.styles import STYLES, Citation, cite

__all__ = ["RECORDS", "STYLES", "Citable", "Citation", "cite", "write_coins"]
