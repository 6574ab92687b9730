"""What can be named as a cluster: a scheduler at an address, or processes of this machine. Knows nothing of Dask."""

from __future__ import annotations

import re
from dataclasses import dataclass

LOCAL = "local"
MOST_PROCESSES = 1024
LONGEST_HOST, LONGEST_LABEL = 253, 63
"""Characters of a name, and of a label in it, in the domain name system, RFC 1035."""
HIGHEST_PORT = 65535
ADDRESSES = (
    f"{LOCAL}, {LOCAL}:N for N processes of this machine, 1 to {MOST_PROCESSES}, or a scheduler, tcp://HOST:PORT"
)

_ADDRESS = re.compile(r"tcp://(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>[0-9A-Za-z._-]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Scheduler:
    """The host, a name or an IP address without brackets, and the port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"tcp://[{self.host}]:{self.port}" if ":" in self.host else f"tcp://{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Processes:
    """So many processes of this machine, by default one for each processor."""

    count: int | None = None

    def __str__(self) -> str:
        return LOCAL if self.count is None else f"{LOCAL}:{self.count}"


Address = Scheduler | Processes


def parse_address(text: str) -> Address:
    """The cluster of this name; ValueError if it is not one of those allowed."""
    if text == LOCAL:
        return Processes()
    kind, _, count = text.partition(":")
    if kind == LOCAL:
        return Processes(_whole(count, MOST_PROCESSES))
    # nothing longer is looked at
    found = _ADDRESS.fullmatch(text[: LONGEST_HOST + 20])
    if found is None:
        raise ValueError
    port = _whole(found["port"], HIGHEST_PORT)
    if found["ipv6"] is not None:
        # which no other start of the program needs
        from ipaddress import IPv6Address

        return Scheduler(str(IPv6Address(found["ipv6"])), port)
    name = found["name"]
    if len(name) > LONGEST_HOST or not all(0 < len(label) <= LONGEST_LABEL for label in name.split(".")):
        raise ValueError
    return Scheduler(name, port)


def _whole(text: str, most: int) -> int:
    """From 1 to `most`."""
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise ValueError
    return int(text)
