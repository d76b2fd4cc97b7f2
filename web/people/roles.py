"""What each role is called, and what it does, in plain words."""

from media.errors import N_, Message
from media.people.accounts import Role
from media.people.invitations import InvitationState

ROLE_NAMES = {
    Role.VOLUNTEER: N_("volunteer"),
    Role.REVIEWER: N_("reviewer"),
    Role.ADMINISTRATOR: N_("administrator"),
}
ROLE_DUTIES = {
    Role.VOLUNTEER: N_("listens to short passages and corrects what the machine wrote"),
    Role.REVIEWER: N_("corrects too, checks what others corrected, and answers readers’ proposals"),
    Role.ADMINISTRATOR: N_("does all that, adds shows, invites people, and withdraws what must not be read"),
}
STATE_NAMES = {
    InvitationState.WAITING: N_("not used yet"),
    InvitationState.USED: N_("used"),
    InvitationState.EXPIRED: N_("expired"),
    InvitationState.REVOKED: N_("taken back"),
}


def role_words() -> dict[str, object]:
    """Say what templates need to name roles."""
    return {
        "roles": list(Role),
        "role_names": {role: Message(msgid) for role, msgid in ROLE_NAMES.items()},
        "role_duties": {role: Message(msgid) for role, msgid in ROLE_DUTIES.items()},
    }
