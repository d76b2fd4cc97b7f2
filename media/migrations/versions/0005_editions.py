"""Two editions of an episode's words, licences, and where people speak in our copy."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a catalogue of the version before here."""
    _add_licences()
    op.add_column("audio", sa.Column("speech", sa.JSON(), nullable=True))
    op.add_column("turn_version", _edition())
    op.add_column("withdrawal", _edition())
    _make_claims_anew()
    with op.batch_alter_table("chapter", schema=None) as batch_op:
        batch_op.alter_column("start_ms", existing_type=sa.Integer(), nullable=True)
        batch_op.add_column(sa.Column("turn_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("edition", sa.String(length=10), nullable=True))
    _number_turns_within_editions()


def _edition() -> sa.Column[str]:
    return sa.Column("edition", sa.String(length=10), server_default="spoken", nullable=False)


def _add_licences() -> None:
    for table in ("show", "episode"):
        op.add_column(table, sa.Column("licence", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("licence_url", sa.Text(), nullable=True))
        op.add_column(table, sa.Column("notice", sa.Text(), nullable=True))
    op.add_column("show", sa.Column("clips", sa.Boolean(), server_default=sa.true(), nullable=False))
    op.add_column(
        "show", sa.Column("prefer_offered", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("episode", _edition())


def _make_claims_anew() -> None:
    """Give claims their edition, in the key; none is carried over: all lapse within a quarter of an hour."""
    op.drop_table("claim")
    op.create_table(
        "claim",
        sa.Column("episode_id", sa.Integer(), nullable=False),
        _edition(),
        sa.Column("passage", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_claim_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["episode_id"], ["episode.id"], name=op.f("fk_claim_episode_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("episode_id", "edition", "passage", name=op.f("pk_claim")),
    )


def _number_turns_within_editions() -> None:
    """Let both editions have a first turn; SQLite makes the table anew, and must go on counting."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    last = _last_turn_id() if is_sqlite else None
    with op.batch_alter_table("turn", schema=None, table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(_edition())
        batch_op.drop_constraint("uq_turn_episode_id_position", type_="unique")
        batch_op.create_unique_constraint(
            op.f("uq_turn_episode_id_edition_position"), ["episode_id", "edition", "position"]
        )
    if last is not None:
        op.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'turn'"))
        statement = sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('turn', :last)")
        op.execute(statement.bindparams(last=last))


def _last_turn_id() -> int | None:
    """Find the highest identity that a turn ever had: history speaks of turns that are gone."""
    query = sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'turn'")
    last: int | None = op.get_bind().execute(query).scalar()
    return last
