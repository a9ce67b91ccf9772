"""The handlers, one a data type.

Owns the list: whoever adds a type adds its line here. A test holds it against the declarations.
"""

from __future__ import annotations

from typing import Final

from shinbox.desk.front.methods.accounts import AccountHandler
from shinbox.desk.front.methods.audit_entries import AuditEntryHandler
from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.front.methods.connections import ConnectionHandler
from shinbox.desk.front.methods.drafts import DraftHandler
from shinbox.desk.front.methods.emails import EmailHandler
from shinbox.desk.front.methods.grants import GrantHandler
from shinbox.desk.front.methods.identities import IdentityHandler
from shinbox.desk.front.methods.intents import IntentHandler
from shinbox.desk.front.methods.jobs import JobHandler
from shinbox.desk.front.methods.mailboxes import MailboxHandler
from shinbox.desk.front.methods.presences import PresenceHandler
from shinbox.desk.front.methods.submissions import SubmissionHandler
from shinbox.desk.front.methods.teams import TeamHandler
from shinbox.desk.front.methods.threads import ThreadHandler
from shinbox.desk.front.methods.users import UserHandler

_EMAILS: Final = EmailHandler()
_ALL: Final[tuple[TypeHandler, ...]] = (
    # what lies in a shared mailbox
    MailboxHandler(_EMAILS),
    _EMAILS,
    ThreadHandler(),
    IdentityHandler(),
    SubmissionHandler(_EMAILS),
    DraftHandler(_EMAILS),
    PresenceHandler(_EMAILS),
    IntentHandler(),
    JobHandler(),
    GrantHandler(),
    ConnectionHandler(),
    # what belongs to the desk
    UserHandler(),
    TeamHandler(),
    AccountHandler(),
    AuditEntryHandler(),
)

HANDLERS: Final[dict[str, TypeHandler]] = {handler.TYPE: handler for handler in _ALL}
"""By JMAP type name."""
