"""Machines that are network namespaces: a hub with a bridge, and stations that can be cut off (iproute2).

Everything is made under names of this process, and taken away at the end with all that ran in it.
Nothing reaches beyond: no namespace has a way out.
"""

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

HUB_ADDRESS = "10.91.0.1"
SUBNET = "10.91.0.0/24"


def why_not() -> str | None:
    """Say why there can be no namespaces here; None where there can."""
    if os.getuid() != 0 or not shutil.which("ip") or not shutil.which("unshare"):
        return "network namespaces need root and iproute2"
    name = f"entendu-{os.getpid()}-look"
    made = subprocess.run(["ip", "netns", "add", name], capture_output=True, text=True, check=False)
    if made.returncode:
        return made.stderr.strip()
    _ip("netns", "delete", name)
    return None


@dataclass
class Net:
    """A hub and its stations; use as a context."""

    stations: list[str] = field(default_factory=list)

    @property
    def hub(self) -> str:
        """The namespace of the server."""
        return f"entendu-{os.getpid()}-hub"

    def __enter__(self) -> Self:
        _ip("netns", "add", self.hub)
        _ip("-n", self.hub, "link", "add", "bridge", "type", "bridge")
        _ip("-n", self.hub, "address", "add", f"{HUB_ADDRESS}/24", "dev", "bridge")
        for device in ("lo", "bridge"):
            _ip("-n", self.hub, "link", "set", device, "up")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in (*self.stations, self.hub):
            self.kill(name)
            _ip("netns", "delete", name)

    def add_station(self) -> str:
        """Add a machine to the network, and return its name."""
        number = len(self.stations) + 1
        name = f"entendu-{os.getpid()}-{number}"
        _ip("netns", "add", name)
        self.stations.append(name)
        ends = ("add", f"port{number}", "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("-n", self.hub, "link", *ends)
        _ip("-n", self.hub, "link", "set", f"port{number}", "master", "bridge", "up")
        _ip("-n", name, "address", "add", f"10.91.0.{number + 1}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            _ip("-n", name, "link", "set", device, "up")
        return name

    def command(self, name: str, command: Sequence[str]) -> list[str]:
        """Write a command as it is run on a machine, which has a host name of its own."""
        named = [
            "unshare",
            "--uts",
            "sh",
            "-c",
            'hostname "$0" && exec "$@"',
            name.replace(f"{os.getpid()}-", ""),
        ]
        return ["ip", "netns", "exec", name, *named, *command]

    def cut(self, name: str) -> None:
        """Take a station off the network: nothing arrives, nothing is refused."""
        _ip("-n", self.hub, "link", "set", f"port{self.stations.index(name) + 1}", "down")

    def mend(self, name: str) -> None:
        """Put a station back."""
        _ip("-n", self.hub, "link", "set", f"port{self.stations.index(name) + 1}", "up")

    def destroy(self, name: str) -> None:
        """Cut a station off and end all that runs there: no word of it leaves."""
        self.cut(name)
        self.kill(name)

    def kill(self, name: str) -> None:
        """End all that runs on a machine."""
        listed = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
        for pid in listed.stdout.split():
            try:
                os.kill(int(pid), signal.SIGKILL)
            except ProcessLookupError:
                continue


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)
