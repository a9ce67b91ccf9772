"""The handlers, one a data type.

Owns the list: whoever adds a type adds its line here. A test holds it against the declarations.
"""

from __future__ import annotations

from typing import Final

from shinbox.desk.front.methods.base import TypeHandler
from shinbox.desk.front.methods.emails import EmailHandler
from shinbox.desk.front.methods.identities import IdentityHandler
from shinbox.desk.front.methods.mailboxes import MailboxHandler
from shinbox.desk.front.methods.submissions import SubmissionHandler
from shinbox.desk.front.methods.threads import ThreadHandler

_EMAILS: Final = EmailHandler()
_ALL: Final[tuple[TypeHandler, ...]] = (
    # what lies in a shared mailbox
    MailboxHandler(_EMAILS),
    _EMAILS,
    ThreadHandler(),
    IdentityHandler(),
    SubmissionHandler(_EMAILS),
    # what belongs to the desk
)

HANDLERS: Final[dict[str, TypeHandler]] = {handler.TYPE: handler for handler in _ALL}
"""By JMAP type name."""
