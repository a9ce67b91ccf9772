"""The doors of the rights matrix: every method of every type, every kind of change, every side door.

Owns what each of them needs, in DESIGN.md's words and not in the declarations'.
"""

from __future__ import annotations

from typing import Final

from shinbox.desk.store import identities
from shinbox.terms import DESK, Right, Role
from tests.desk.front.methods import matrix as m
from tests.desk.front.methods.matrix import ACCOUNT, ANYWHERE, ARCHIVE, INBOX, TRASH, Need, Probe, need
from tests.desk.front.methods.world import World

R: Final = Right
SEES: Final = need(INBOX, R.READ)
SEES_ARCHIVE: Final = need(ARCHIVE, R.READ)
LEAVES: Final = need(INBOX, R.MOVE, R.REMOVE)
JOINS: Final = need(ARCHIVE, R.MOVE, R.ADD)
SENDS: Final = need(ACCOUNT, R.SUBMIT, R.SEND_ON_BEHALF)
SEES_DRAFTS: Final = need("drafts", R.READ)
SEES_ANYTHING: Final = need(ACCOUNT, R.READ)
ANYBODY: Final = Need(ANYWHERE)
ADMIN: Final = need(ACCOUNT, admin=True)
MANAGES: Final = need(ACCOUNT, R.ADMIN, admin=True)
SETTINGS: Final = need(ACCOUNT, R.WRITE_SETTINGS, admin=True)
READS_IDENTITIES: Final = need(ACCOUNT, R.READ, R.READ_SETTINGS, R.ADMIN, admin=True)
READS_CONNECTION: Final = need(ACCOUNT, R.READ_SETTINGS, admin=True)
ASKS_JOBS: Final = need(ACCOUNT, R.READ, admin=True)

_email = m.email_in(Role.INBOX)
_folder = m.in_store(m._folder)
_identity = m.in_store(m._identity)
_intent = m.in_store(m._intent)
_grant = m.in_store(m._grant)
_user = m.in_store(m._user)
_team = m.in_store(m._team)


def _in(*roles: Role) -> dict[str, object]:
    return {"roles": roles}


MAILBOX = (
    Probe("Mailbox", "get", "a folder", (SEES,), m.box(Role.INBOX), m.sees("Mailbox")),
    Probe("Mailbox", "query", "a folder", (SEES,), m.box(Role.INBOX), m.finds("Mailbox")),
    Probe("Mailbox", "changes", "a folder", (SEES,), m.box(Role.INBOX), m.hears("Mailbox")),
    Probe(
        "Mailbox",
        "set",
        "make one at the top",
        (need(ACCOUNT, R.CREATE_CHILD),),
        m.nothing,
        m.creates("Mailbox", lambda world, it: {"name": f"N{next(m._numbers)}"}),
    ),
    Probe(
        "Mailbox",
        "set",
        "make one in a folder",
        (SEES, need(INBOX, R.CREATE_CHILD)),
        m.box(Role.INBOX),
        m.creates("Mailbox", lambda world, it: {"name": f"N{next(m._numbers)}", "parentId": it}),
    ),
    Probe(
        "Mailbox",
        "set",
        "rename",
        (SEES, need(INBOX, R.RENAME)),
        _folder,
        m.updates("Mailbox", lambda world: {"name": f"N{next(m._numbers)}"}),
    ),
    Probe(
        "Mailbox",
        "set",
        "move",
        (SEES, SEES_ARCHIVE, need(INBOX, R.RENAME), need(ARCHIVE, R.CREATE_CHILD)),
        _folder,
        m.updates("Mailbox", lambda world: {"parentId": world.box(Role.ARCHIVE)}),
    ),
    Probe("Mailbox", "set", "destroy", (SEES, need(INBOX, R.DELETE)), _folder, m.destroys("Mailbox")),
    Probe(
        "Mailbox",
        "set",
        "destroy with its mail",
        (SEES, need(INBOX, R.DELETE), need(INBOX, R.REMOVE)),
        m._folder_with_mail,
        m.destroys("Mailbox", onDestroyRemoveEmails=True),
    ),
)

EMAIL = (
    Probe("Email", "get", "a list row", (SEES,), _email, m.sees("Email", properties=["subject", "preview"])),
    Probe(
        "Email",
        "get",
        "the text",
        (SEES,),
        _email,
        m.sees("Email", properties=["bodyValues"], fetchAllBodyValues=True),
    ),
    Probe("Email", "get", "the blob of the message", (SEES,), _email, m.downloads(m.raw_of)),
    Probe("Email", "get", "the blob of a part", (SEES,), _email, m.downloads(m.part_of)),
    Probe("Email", "query", "an email", (SEES,), _email, m.finds("Email")),
    Probe("Email", "changes", "an email", (SEES,), _email, m.hears("Email")),
    Probe(
        "Email",
        "set",
        "make a draft",
        (SEES, need(INBOX, R.ADD)),
        m.nothing,
        m.creates("Email", lambda world, it: {"mailboxIds": {world.box(Role.INBOX): True}}),
    ),
    Probe(
        "Email",
        "set",
        "attach another folder's mail",
        (SEES, SEES_ARCHIVE, need(INBOX, R.ADD)),
        m.email_in(Role.ARCHIVE),
        m.attaches,
    ),
    Probe(
        "Email",
        "set",
        "mark read",
        (SEES, need(INBOX, R.SET_SEEN)),
        _email,
        m.updates("Email", lambda world: {"keywords/$seen": True}),
    ),
    Probe(
        "Email",
        "set",
        "mark unread",
        (SEES, need(INBOX, R.SET_SEEN)),
        m.email_in(Role.INBOX, keywords={"$seen"}),
        m.updates("Email", lambda world: {"keywords/$seen": None}),
    ),
    Probe(
        "Email",
        "set",
        "flag",
        (SEES, need(INBOX, R.SET_KEYWORDS)),
        _email,
        m.updates("Email", lambda world: {"keywords/$flagged": True}),
    ),
    Probe(
        "Email",
        "set",
        "move",
        (SEES, SEES_ARCHIVE, LEAVES, JOINS),
        _email,
        m.updates("Email", lambda world: {"mailboxIds": {world.box(Role.ARCHIVE): True}}),
    ),
    Probe(
        "Email",
        "set",
        "throw away",
        (SEES, need(TRASH, R.READ), need(INBOX, R.REMOVE), need(TRASH, R.ADD)),
        _email,
        m.updates("Email", lambda world: {"mailboxIds": {world.box(Role.TRASH): True}}),
    ),
    Probe(
        "Email",
        "set",
        "put into another folder too",
        (SEES, SEES_ARCHIVE, need(ARCHIVE, R.ADD)),
        _email,
        m.updates("Email", lambda world: {f"mailboxIds/{world.box(Role.ARCHIVE)}": True}),
    ),
    Probe(
        "Email",
        "set",
        "take out of one folder",
        (SEES, need(INBOX, R.REMOVE)),
        m.email_in(Role.INBOX, Role.ARCHIVE),
        m.leaves_inbox,
    ),
    Probe("Email", "set", "destroy", (SEES, need(INBOX, R.REMOVE)), _email, m.destroys("Email")),
    Probe("Email", "import", "an upload", (SEES, need(INBOX, R.ADD)), m.nothing, m.imports(m.own_upload)),
    Probe(
        "Email",
        "import",
        "another folder's mail",
        (SEES, SEES_ARCHIVE, need(INBOX, R.ADD)),
        m.email_in(Role.ARCHIVE),
        m.imports(lambda world, actor, it: m.raw_of(it)),
    ),
    Probe(
        "Email",
        "import",
        "upload",
        (need(ANYWHERE, R.ADD, R.SUBMIT, R.SEND_ON_BEHALF),),
        m.nothing,
        m.uploads_something,
    ),
)

THREAD = (
    Probe("Thread", "get", "an email of it", (SEES,), _email, m.threads_it),
    Probe(
        "Thread",
        "changes",
        "a thread",
        (SEES,),
        lambda world: m.thread_of(world, _email(world)),
        m.hears("Thread"),
    ),
)


def _new_name(world: World) -> str:
    """One address does not have the same name twice."""
    with world.database.read() as tx:
        return f"S{len(identities.of_account(tx, world.account))}"


IDENTITY = (
    Probe("Identity", "get", "one", (READS_IDENTITIES,), _identity, m.sees("Identity")),
    Probe("Identity", "changes", "one", (READS_IDENTITIES,), _identity, m.hears("Identity")),
    Probe(
        "Identity",
        "set",
        "make",
        (SETTINGS,),
        m.nothing,
        m.creates("Identity", lambda world, it: {"name": _new_name(world), "email": "s@example.org"}),
    ),
    Probe(
        "Identity",
        "set",
        "change",
        (READS_IDENTITIES, SETTINGS),
        _identity,
        m.updates("Identity", lambda world: {"textSignature": "Yours"}),
    ),
    Probe("Identity", "set", "destroy", (READS_IDENTITIES, SETTINGS), _identity, m.destroys("Identity")),
)

SUBMISSION = (
    Probe("EmailSubmission", "get", "one", (SEES,), m._submission("pending"), m.sees("EmailSubmission")),
    Probe("EmailSubmission", "query", "one", (SEES,), m._submission("final"), m.finds("EmailSubmission")),
    Probe("EmailSubmission", "changes", "one", (SEES,), m._submission("final"), m.hears("EmailSubmission")),
    Probe(
        "EmailSubmission",
        "set",
        "send",
        (SEES, SENDS),
        m._draft,
        m.creates("EmailSubmission", lambda world, it: {"emailId": it[0], "identityId": it[1]}),
    ),
    Probe(
        "EmailSubmission",
        "set",
        "recall",
        (SEES, SENDS),
        m._submission("pending"),
        m.updates("EmailSubmission", lambda world: {"undoStatus": "canceled"}),
    ),
    Probe(
        "EmailSubmission",
        "set",
        "forget",
        (SEES, SENDS),
        m._submission("final"),
        m.destroys("EmailSubmission"),
    ),
    Probe(
        "EmailSubmission",
        "set",
        "flag through it",
        (SEES, SENDS, need(INBOX, R.SET_KEYWORDS)),
        m._draft,
        m.sends_and({"keywords/$answered": True}),
    ),
)

SETTINGS_OF_ACCOUNT = (
    Probe("Intent", "get", "one", (SEES,), _intent, m.sees("Intent")),
    Probe("Intent", "query", "one", (SEES,), _intent, m.finds("Intent")),
    Probe("Intent", "changes", "one", (SEES,), _intent, m.hears("Intent")),
    Probe("Job", "get", "a fetch", (ASKS_JOBS,), m._job("fetchNow"), m.sees("Job")),
    Probe("Job", "get", "a test", (READS_CONNECTION,), m._job("connectionTest"), m.sees("Job")),
    Probe("Job", "changes", "a test", (READS_CONNECTION,), m._job("connectionTest"), m.hears("Job")),
    Probe(
        "Job",
        "set",
        "fetch",
        (need(ACCOUNT, R.READ),),
        m._job("connectionTest"),
        m.creates("Job", lambda world, it: {"kind": "fetchNow"}),
    ),
    Probe(
        "Job",
        "set",
        "test",
        (ADMIN,),
        m._job("fetchNow"),
        m.creates("Job", lambda world, it: {"kind": "connectionTest"}),
    ),
    Probe("Job", "set", "forget", (ADMIN,), m._job("fetchNow"), m.destroys("Job")),
    Probe("Connection", "get", "it", (READS_CONNECTION,), lambda world: "singleton", m.sees("Connection")),
    Probe(
        "Connection",
        "set",
        "change",
        (ADMIN,),
        lambda world: "singleton",
        m.updates("Connection", lambda world: {"root": f"shared/{next(m._numbers)}"}),
    ),
    Probe("Grant", "get", "one", (MANAGES,), _grant, m.sees("Grant")),
    Probe("Grant", "query", "one", (MANAGES,), _grant, m.finds("Grant")),
    Probe("Grant", "changes", "one", (MANAGES,), _grant, m.hears("Grant")),
    Probe("Grant", "explain", "others", (MANAGES,), _user, m.explains_others),
    Probe(
        "Grant",
        "set",
        "share",
        (MANAGES,),
        _user,
        m.creates("Grant", lambda world, it: {"principal": it, "level": "read"}),
    ),
    Probe("Grant", "set", "take back", (MANAGES,), _grant, m.destroys("Grant")),
    Probe("AuditEntry", "get", "about the mailbox", (MANAGES,), m.audit_entry(True), m.sees("AuditEntry")),
    Probe("AuditEntry", "query", "about the mailbox", (MANAGES,), m.audit_entry(True), m.finds("AuditEntry")),
)

DESK_TYPES = (
    Probe("User", "get", "others", (ANYBODY,), _user, m.sees("User", DESK), True),
    Probe("User", "query", "others", (ANYBODY,), _user, m.finds("User", DESK), True),
    Probe("User", "changes", "others", (ANYBODY,), _user, m.hears("User", DESK), True),
    Probe(
        "User",
        "set",
        "make",
        (ADMIN,),
        m.nothing,
        m.creates("User", lambda world, it: {"name": f"u{next(m._numbers)}"}, DESK),
        True,
    ),
    Probe(
        "User",
        "set",
        "another's display name",
        (ADMIN,),
        _user,
        m.updates("User", lambda world: {"displayName": "X"}, DESK),
        True,
    ),
    Probe(
        "User",
        "set",
        "another's administration",
        (ADMIN,),
        _user,
        m.updates("User", lambda world: {"isAdministrator": True}, DESK),
        True,
    ),
    Probe("User", "set", "destroy", (ADMIN,), _user, m.destroys("User", DESK), True),
    Probe("Team", "get", "one", (ANYBODY,), _team, m.sees("Team", DESK), True),
    Probe("Team", "query", "one", (ANYBODY,), _team, m.finds("Team", DESK), True),
    Probe("Team", "changes", "one", (ANYBODY,), _team, m.hears("Team", DESK), True),
    Probe(
        "Team",
        "set",
        "make",
        (ADMIN,),
        m.nothing,
        m.creates("Team", lambda world, it: {"name": f"t{next(m._numbers)}"}, DESK),
        True,
    ),
    Probe("Team", "set", "destroy", (ADMIN,), _team, m.destroys("Team", DESK), True),
    Probe("Account", "get", "one", (ADMIN,), m._account, m.sees("Account", DESK), True),
    Probe("Account", "query", "one", (ADMIN,), m._account, m.finds("Account", DESK), True),
    Probe("Account", "changes", "one", (ADMIN,), m._account, m.hears("Account", DESK), True),
    Probe(
        "Account",
        "set",
        "make",
        (ADMIN,),
        m.nothing,
        m.creates("Account", lambda world, it: {"address": f"n{next(m._numbers)}@example.org"}, DESK),
        True,
    ),
    Probe("Account", "set", "destroy", (ADMIN,), m._account, m.destroys("Account", DESK), True),
    Probe(
        "AuditEntry",
        "get",
        "about the desk",
        (ADMIN,),
        m.audit_entry(False),
        m.sees("AuditEntry", DESK),
        True,
    ),
    Probe(
        "AuditEntry",
        "query",
        "about the desk",
        (ADMIN,),
        m.audit_entry(False),
        m.finds("AuditEntry", DESK),
        True,
    ),
    Probe("AuditEntry", "verify", "the chain", (ADMIN,), m.nothing, m.verifies, True),
)

_own_text = m._text(None)
_answer = m._text(_email)

DRAFT = (
    *(
        Probe("Draft", "get", what, (SENDS, *needs), text, m.sees("Draft"))
        for what, text, needs in (
            ("a colleague's", _own_text, (SEES_DRAFTS,)),
            ("a colleague's answer", _answer, (SEES_DRAFTS, SEES)),
        )
    ),
    Probe("Draft", "query", "a colleague's answer", (SENDS, SEES_DRAFTS, SEES), _answer, m.finds("Draft")),
    Probe("Draft", "changes", "a colleague's answer", (SENDS, SEES_DRAFTS, SEES), _answer, m.hears("Draft")),
    Probe(
        "Draft",
        "set",
        "begin one",
        (SENDS, SEES_ANYTHING),
        m.nothing,
        m.creates("Draft", lambda world, it: {"text": "x"}),
    ),
    Probe(
        "Draft",
        "set",
        "begin an answer",
        (SENDS, SEES),
        _email,
        m.creates("Draft", lambda world, it: {"emailId": it}),
    ),
    Probe(
        "Draft",
        "set",
        "go on with a colleague's",
        (SENDS, SEES_DRAFTS),
        _own_text,
        m.updates("Draft", lambda world: {"revision": 1, "text": "y"}),
    ),
    Probe("Draft", "set", "discard a colleague's", (SENDS, SEES_DRAFTS), _own_text, m.destroys("Draft")),
    Probe(
        "Draft",
        "set",
        "attach a message",
        (SENDS, SEES, SEES_DRAFTS),
        _email,
        m.creates(
            "Draft",
            lambda world, it: {
                "attachments": [{"blobId": f"m{it[1:]}", "name": "a", "type": "message/rfc822", "size": 1}]
            },
        ),
    ),
)

PRESENCE = (
    Probe("Presence", "get", "who has it open", (SEES,), m.somebody_at_it, m.sees("Presence")),
    Probe("Presence", "refresh", "having it open", (SEES,), _email, m.is_at("views")),
    Probe("Presence", "refresh", "answering it", (SEES, SENDS), _email, m.is_at("writes")),
)

PROBES: Final = (
    *MAILBOX,
    *EMAIL,
    *THREAD,
    *IDENTITY,
    *SUBMISSION,
    *DRAFT,
    *PRESENCE,
    *SETTINGS_OF_ACCOUNT,
    *DESK_TYPES,
)
