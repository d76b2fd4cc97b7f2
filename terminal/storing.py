"""Copy the audio to another place, and say what is to be done then."""

from rich.progress import Progress

from media.database import Database
from media.errors import N_
from media.settings import Settings
from media.store.moving import copy_audio
from media.store.opening import open_place
from terminal.saying import out, say

MIB = 1 << 20


def move_audio(settings: Settings, database: Database, old: str | None, new: str) -> bool:
    """Copy all audio to a place; True where everything that the catalogue knows is there."""
    source = open_place(settings.audio_url if old is None else old, settings)
    target = open_place(new, settings)
    with Progress(console=out, transient=True) as bar:
        task = bar.add_task(say("Copying audio"), total=None)
        moved = copy_audio(
            database, source, target, lambda done, total: bar.update(task, completed=done, total=total)
        )
    said = N_(
        "%(count)d files (%(size)d MiB) were copied from %(source)s to %(target)s; nothing was deleted."
    )
    facts = {"source": source.name, "target": target.name, "size": moved.size_bytes // MIB}
    out.print(say(said, count=moved.copied, **facts))
    for name in moved.lost:
        out.print(say("Missing or damaged, and not copied: %(name)s", name=name), style="red")
    then = N_("Set ENTENDU_AUDIO_URL=%(url)s everywhere, restart, and run this again with --from %(source)s.")
    out.print(say(then, url=new, source=source.name))
    return not moved.lost
