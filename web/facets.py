"""The filters of a search as a page shows them: facets to tick, chips to take away, ways out of nothing.

Pure over a result and the choices of its address. What is chosen is always shown, counted or not,
so that it can be taken away again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from media.errors import N_, Message
from media.language import translate
from search.answers import Facet, SearchResult
from search.folding import fold
from web.clock import format_day
from web.searches import FIELDS, Choices

ALWAYS_SHOWN = 6  # values of a facet; the others are behind a fold
STATE_NAMES: Mapping[str, str] = {"machine": N_("Machine"), "read": N_("Read"), "validated": N_("Validated")}
LEGENDS: Mapping[str, str] = {
    "show": N_("Show"),
    "speaker": N_("Speaker"),
    "year": N_("Year"),
    "state": N_("State"),
}
CHIP_LABELS: Mapping[str, str] = {
    "show": N_("Show: %(value)s"),
    "speaker": N_("Speaker: %(value)s"),
    "year": N_("Year: %(value)s"),
    "state": N_("State: %(value)s"),
    "since": N_("Since %(value)s"),
    "until": N_("Until %(value)s"),
    "episode": N_("Episode: %(value)s"),
}


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a facet: to tick with others, or to choose or take back at once by its link."""

    value: str
    label: str  # in the reader's language
    count: int
    is_chosen: bool
    address: str


@dataclass(frozen=True, slots=True)
class Group:
    """A facet: what is always shown of it, and what is folded away."""

    name: str
    legend: Message
    options: Sequence[Option]
    folded: Sequence[Option]


@dataclass(frozen=True, slots=True)
class Chip:
    """A choice that is on, and the address without it."""

    label: str  # in the reader's language
    address: str


@dataclass(frozen=True, slots=True)
class WayOut:
    """What leaving a part or a filter out would find."""

    filter: str  # as the address names it; "" for a part of the query
    part: str
    count: int
    address: str


def group_facets(result: SearchResult, choices: Choices, names: "Names") -> list[Group]:
    """Lay the facets out, with what is chosen in each."""
    groups = []
    for name, legend in LEGENDS.items():
        options = _options(name, result.facets.get(name, []), choices, names)
        folded = [option for option in options[ALWAYS_SHOWN:] if not option.is_chosen]
        shown = [option for option in options if option not in folded]
        if len(folded) == 1:  # a fold over one line saves nothing
            shown, folded = options, []
        if options:
            groups.append(Group(name, Message(legend), shown, folded))
    return groups


def list_chips(choices: Choices, names: "Names") -> list[Chip]:
    """Make a chip of each filter that is on."""
    return [
        Chip(names.say(name, value), choices.minus(name, value).address())
        for name, value in choices.pairs
        if name in CHIP_LABELS
    ]


def list_ways_out(result: SearchResult, choices: Choices) -> list[WayOut]:
    """Say what each part or filter, left out, would find."""
    filters = {field: name for name, field in FIELDS.items()}
    ways = []
    for dropped in result.dropped:
        name = filters.get(dropped.filter or "", "")
        wider = choices.minus(name) if name else choices.asking(dropped.text)
        ways.append(WayOut(name, dropped.part, dropped.count, wider.address()))
    return ways


@dataclass(frozen=True, slots=True)
class Names:
    """What values of filters are called in the reader's language."""

    language: str
    shows: Mapping[str, str]  # slug: title
    episodes: Mapping[str, str]  # identity: title

    def name(self, filter_name: str, value: str) -> str:
        """Name a value of a filter."""
        if filter_name == "show":
            return self.shows.get(value, value)
        if filter_name == "episode":
            return self.episodes.get(value, value)
        if filter_name == "state":
            return translate(Message(STATE_NAMES[value]), self.language)
        if filter_name in ("since", "until"):
            return format_day(date.fromisoformat(value), self.language)
        return value

    def say(self, filter_name: str, value: str) -> str:
        """Say a filter with its value."""
        message = Message(CHIP_LABELS[filter_name], {"value": self.name(filter_name, value)})
        return translate(message, self.language)


def _options(name: str, facets: Sequence[Facet], choices: Choices, names: Names) -> list[Option]:
    chosen = choices.values(name)
    same = fold if name == "speaker" else str
    counted = {same(facet.value) for facet in facets}
    held = [*facets, *(Facet(value, value, 0) for value in chosen if same(value) not in counted)]
    options = []
    for facet in held:
        asked = [value for value in chosen if same(value) == same(facet.value)]
        other = choices.minus(name, asked[0]) if asked else choices.plus(name, facet.value)
        value = asked[0] if asked else facet.value
        options.append(
            Option(value, names.name(name, facet.value), facet.count, bool(asked), other.address())
        )
    return options
