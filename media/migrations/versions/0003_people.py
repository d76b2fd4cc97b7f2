"""People: invitations, tries to sign in, withdrawals; accounts that close, sessions that are told apart."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Bring a catalogue of the version before here."""
    op.add_column("account", sa.Column("closed_at", sa.DateTime(timezone=True)))
    op.add_column("account", sa.Column("removed_at", sa.DateTime(timezone=True)))
    op.add_column("session", sa.Column("seen_at", sa.DateTime(timezone=True)))
    op.add_column("session", sa.Column("browser", sa.String(length=40)))
    _create_invitations()
    _create_attempts()
    _create_withdrawals()


def _create_invitations() -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("role", sa.String(length=10)),
        sa.Column("account_id", sa.Integer()),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Integer()),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("used_by", sa.Integer()),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        _account("invitation", "account_id", ondelete="CASCADE"),
        _account("invitation", "made_by"),
        _account("invitation", "used_by"),
    )


def _create_attempts() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("budget", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_budget_key"), "attempt", ["budget", "key"])
    op.create_index(op.f("ix_attempt_made_at"), "attempt", ["made_at"])
    op.create_table(
        "trusted_address",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_trusted_address")),
    )


def _create_withdrawals() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("episode_id", sa.Integer()),
        sa.Column("start_ms", sa.Integer()),
        sa.Column("end_ms", sa.Integer()),
        sa.Column("turn_id", sa.Integer()),
        sa.Column("first_word", sa.Integer()),
        sa.Column("last_word", sa.Integer()),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("name", sa.Text()),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Integer()),
        sa.Column("was_private", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True)),
        sa.Column("lifted_by", sa.Integer()),
        sa.Column("lift_reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
        _episode("withdrawal"),
        _account("withdrawal", "made_by"),
        _account("withdrawal", "lifted_by"),
    )
    op.create_index(op.f("ix_withdrawal_episode_id"), "withdrawal", ["episode_id"])
    op.create_table(
        "redaction",
        sa.Column("episode_id", sa.Integer(), nullable=False),
        sa.Column("whole_sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_redaction")),
        _episode("redaction"),
        sa.ForeignKeyConstraint(["whole_sha256"], ["audio.sha256"], name=op.f("fk_redaction_whole_sha256")),
    )


def _account(table: str, column: str, ondelete: str = "SET NULL") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], ["account.id"], name=op.f(f"fk_{table}_{column}"), ondelete=ondelete
    )


def _episode(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["episode_id"], ["episode.id"], name=op.f(f"fk_{table}_episode_id"), ondelete="CASCADE"
    )
