"""The ledger of effort: what is done and left, how far off the machine is, what to do next."""

from starlette.responses import Response

from media.errors import Message
from media.volunteering.doubts import Kind
from media.volunteering.effort import list_errors, read_ledger
from media.volunteering.survey import QUIET, follow_changes
from web.visits import Visit
from web.volunteering import words
from web.volunteering.doubts import SURVEYED_AT_ONCE


def show_effort(visit: Visit) -> Response:
    """Show where the archive stands."""
    follow_changes(visit.site.database, visit.now, SURVEYED_AT_ONCE, QUIET)
    with visit.site.database.read() as connection:
        ledger = read_ledger(connection, visit.now)
        by_model = list_errors(connection, by_speaker=False)
        by_speaker = list_errors(connection, by_speaker=True)
    minutes = ledger.minutes
    total_ms = minutes.machine_ms + minutes.read_ms + minutes.validated_ms
    context = {
        "ledger": ledger,
        "total_ms": total_ms,
        "states": [
            ("machine", minutes.machine_ms),
            ("read", minutes.read_ms),
            ("validated", minutes.validated_ms),
        ],
        "kinds": [
            (Message(words.KIND_NAMES[kind]), ledger.doubts[kind]) for kind in Kind if ledger.doubts.get(kind)
        ],
        "doubts": sum(ledger.doubts.values()),
        "by_model": by_model,
        "by_speaker": by_speaker,
        "length": lambda ms: words.say_length(ms, visit.language),
    }
    return visit.render("volunteering/effort.html", context)
