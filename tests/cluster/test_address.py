"""What can be named as a cluster, and what is refused before anything is asked of a network."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_initflow.cluster.address import Processes, Scheduler, parse_address

LABEL = 63 * "a"
LONGEST = f"{LABEL}.{LABEL}.{LABEL}.{61 * 'a'}"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("local", Processes()),
        ("local:1", Processes(1)),
        ("local:1024", Processes(1024)),
        ("tcp://10.0.0.7:8786", Scheduler("10.0.0.7", 8786)),
        ("tcp://login_1.a-cluster.example:1", Scheduler("login_1.a-cluster.example", 1)),
        ("tcp://[2001:DB8::0:1]:65535", Scheduler("2001:db8::1", 65535)),
        (f"tcp://{LONGEST}:65535", Scheduler(LONGEST, 65535)),
    ],
)
def test_what_is_allowed(text: str, named: object) -> None:
    assert parse_address(text) == named
    assert str(named).lower().replace("0:", "") == text.lower().replace("0:", "")


REFUSED = [
    *("", " ", "local:", "local:0", "local:-1", "local:1025", "local:1e3", "local:+1", "local: 1", "local:1\n"),
    *("local:٣", f"local:{5000 * '9'}", "LOCAL", "localhost", "localhost:8786", "10.0.0.7:8786", "--"),
    *(
        "tls://host:1",
        "ucx://host:1",
        "ws://host:1",
        "wss://host:1",
        "http://host:1",
        "inproc://host/1/2",
        "TCP://host:1",
    ),
    *("tcp://", "tcp://host", "tcp://host:", "tcp://:1", "tcp://host:0", "tcp://host:65536", "tcp://host:1x"),
    *("tcp://host:١", "tcp://host:1/", "tcp://host:1\n", "tcp://a@host:1", "tcp://host:1:2", "tcp://ho st:1"),
    *("tcp://[:1", "tcp://::1:1", "tcp://[::1]", "tcp://[::g]:1", "tcp://[1.2.3.4]:1", f"tcp://[{300 * ':'}]:1"),
    *("tcp://höst:1", "tcp://\x1b[2Jhost:1", "tcp://host\x00:1", "tcp://\u202ehost:1", "tcp://\ud800:1"),
    *("tcp://.:1", "tcp://a..b:1", f"tcp://a{LABEL}:1", f"tcp://a{LONGEST}:1", f"tcp://{10**6 * 'a'}:1"),
]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: ascii(text[:30]))
def test_what_is_refused(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - it has no message
        parse_address(text)


@given(
    st.sampled_from(("", "local:", "tcp://", "tcp://[")),
    st.text("0123456789abcdef:.[]-_ é\x1b", max_size=12),
    st.sampled_from(("", ":1", "]:1")),
)
def test_whatever_is_allowed_is_written_in_printable_ascii_and_means_the_same(kind: str, text: str, port: str) -> None:
    try:
        named = parse_address(kind + text + port)
    except ValueError:
        return
    assert str(named).isascii()
    assert str(named).isprintable()
    assert parse_address(str(named)) == named
