"""How long PostgreSQL is waited for across a network that may be cut, and how long it waits for us.

A machine that vanishes says no goodbye: without limits its peer waits for hours, and what it had
locked stays locked. So both sides give a silent connection up within half a minute, and the server
undoes a transaction that writes and then says nothing (a frozen process) after a minute.
"""

from sqlalchemy import URL, Connection, make_url

SILENCE_S = 30  # nothing acknowledged for so long: the other side is gone
CONNECT_S = 10
IDLE_WRITER_S = 60

_KEEPALIVES = {"keepalives_idle": SILENCE_S // 2, "keepalives_interval": 5, "keepalives_count": 3}
_OURS = {"connect_timeout": CONNECT_S, "tcp_user_timeout": SILENCE_S * 1000, **_KEEPALIVES}
_THEIRS = " ".join(
    f"-c tcp_{name}={value}" for name, value in {"user_timeout": SILENCE_S * 1000, **_KEEPALIVES}.items()
)


def bound_waits(url: str | URL) -> URL:
    """Add the limits to an address of PostgreSQL that has none of its own; leave any other alone."""
    made = make_url(url)
    if made.get_backend_name() != "postgresql":
        return made
    limits = {name: str(value) for name, value in _OURS.items()} | {"options": _THEIRS}
    return made.update_query_dict({name: said for name, said in limits.items() if name not in made.query})


def bound_writer(connection: Connection) -> None:
    """Have the server undo this transaction if we say nothing for long in its midst."""
    connection.exec_driver_sql(f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_WRITER_S * 1000}")
