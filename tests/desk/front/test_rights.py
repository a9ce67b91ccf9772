"""From grants to decisions: what a person may do where, and why."""

from __future__ import annotations

import pytest

from shinbox.desk.front.rights import Decision, Folder, GrantLine
from shinbox.terms import LEVEL_RIGHTS, SEND_RIGHTS, Level, Right, Role, Send

INBOX, PROJECTS, ALPHA, TRASH = 1, 2, 3, 4
FOLDERS = [
    Folder(INBOX, None, Role.INBOX),
    Folder(PROJECTS, None),
    Folder(ALPHA, PROJECTS),
    Folder(TRASH, None, Role.TRASH),
]


def line(
    level: Level,
    mailbox: int | None = None,
    *,
    grant: int = 1,
    principal: str = "user alice",
    send: Send = Send.NONE,
    without: frozenset[Right] = frozenset(),
    expires_at: float | None = None,
) -> GrantLine:
    rights = (LEVEL_RIGHTS[level] | SEND_RIGHTS[send]) - without
    return GrantLine(grant, principal, mailbox, rights, expires_at, without)


def decide(
    *lines: GrantLine, folders: list[Folder] = FOLDERS, administrator: bool = False, now: float = 100.0
) -> Decision:
    return Decision(lines, folders, administrator=administrator, now=now)


def server(letters: str | None, mailbox: int = INBOX) -> list[Folder]:
    return [Folder(f.id, f.parent, f.role, letters) if f.id == mailbox else f for f in FOLDERS]


def test_no_grant_gives_nothing() -> None:
    decision = decide()
    assert decision.any_rights == frozenset() and decision.visible_mailboxes == frozenset()
    assert not decision.sees_everything
    assert not decision.meets({Right.READ}, None)


@pytest.mark.parametrize("level", Level)
def test_a_grant_on_the_account_counts_in_every_folder(level: Level) -> None:
    decision = decide(line(level))
    assert decision.account_rights == LEVEL_RIGHTS[level]
    assert all(decision.on(f.id) == LEVEL_RIGHTS[level] for f in FOLDERS)
    assert decision.sees_everything


def test_a_grant_on_a_tree_counts_there_and_below_and_nowhere_else() -> None:
    decision = decide(line(Level.MANAGE, PROJECTS, send=Send.SEND_AS))
    assert decision.visible_mailboxes == {PROJECTS, ALPHA}
    assert Right.REMOVE in decision.on(ALPHA)
    assert decision.on(INBOX) == frozenset() and not decision.sees_everything
    for right in (Right.SUBMIT, Right.ADMIN, Right.READ_SETTINGS):
        assert not decision.meets({right}, None) and right not in decision.on(PROJECTS)


def test_reading_a_tree_meets_reading_the_account() -> None:
    assert decide(line(Level.READ, ALPHA)).meets({Right.READ}, None)
    assert decide(line(Level.READ, ALPHA)).account_rights == frozenset()


def test_rights_are_the_union_of_all_lines() -> None:
    without_delete = line(Level.WRITE, without=frozenset({Right.DELETE}))
    assert Right.DELETE not in decide(without_delete).on(INBOX)
    team = line(Level.WRITE, ALPHA, grant=2, principal="team Support")
    both = decide(without_delete, team)
    assert Right.DELETE in both.on(ALPHA) and Right.DELETE not in both.on(INBOX)
    because = both.explain({Right.DELETE}, ALPHA).because
    assert any("left out" in reason for reason in because)
    assert any(reason.startswith("team Support: may delete folders") for reason in because)


def test_a_grant_ends_at_its_time() -> None:
    grant = line(Level.READ, expires_at=200.0)
    assert decide(grant, now=199.9).meets({Right.READ}, INBOX)
    assert decide(grant, now=199.9).expires_at == 200.0
    assert not decide(grant, now=200.0).meets({Right.READ}, INBOX)


def test_an_unknown_folder_gives_nothing_even_to_a_manager() -> None:
    assert not decide(line(Level.MANAGE)).meets({Right.READ}, 99)


@pytest.mark.parametrize(
    ("letters", "forbidden"),
    [
        (None, frozenset()),
        ("lrswipkxte", frozenset()),
        ("lrswipcd", frozenset()),
        (
            "lr",
            {
                Right.SET_SEEN,
                Right.SET_KEYWORDS,
                Right.ADD,
                Right.REMOVE,
                Right.MOVE,
                Right.CREATE_CHILD,
                Right.RENAME,
                Right.DELETE,
            },
        ),
        ("lrswit", {Right.REMOVE, Right.CREATE_CHILD, Right.RENAME, Right.DELETE}),
        ("swipkxte", {Right.READ}),
    ],
)
def test_what_the_mail_server_forbids_is_subtracted(letters: str | None, forbidden: set[Right]) -> None:
    decision = decide(line(Level.WRITE), folders=server(letters))
    assert decision.forbidden_by_server(INBOX) == forbidden
    assert decision.on(INBOX) == LEVEL_RIGHTS[Level.WRITE] - forbidden
    assert decision.on(TRASH) == LEVEL_RIGHTS[Level.WRITE]


def test_the_server_forbids_only_what_was_granted() -> None:
    assert decide(line(Level.READ), folders=server("lr")).forbidden_by_server(INBOX) == frozenset()


def test_for_the_server_a_move_is_a_removal_here_and_an_addition_there() -> None:
    leaving, arriving = {Right.MOVE, Right.REMOVE}, {Right.MOVE, Right.ADD}
    drop_box = decide(line(Level.TRIAGE), folders=server("lrsi"))
    assert drop_box.meets(arriving, INBOX) and not drop_box.meets(leaving, INBOX)
    sealed = decide(line(Level.TRIAGE), folders=server("lrte"))
    assert sealed.meets(leaving, INBOX) and not sealed.meets(arriving, INBOX)


def test_a_refusal_says_whose_it_is() -> None:
    refused = decide(line(Level.WRITE), folders=server("lr")).explain(
        {Right.SET_SEEN}, INBOX, names={INBOX: "Inbox"}
    )
    assert not refused.allowed
    assert refused.missing == [
        "The mail server does not let the desk mark messages read and unread in the folder “Inbox”."
    ]
    ours = decide(line(Level.READ)).explain({Right.SET_SEEN}, INBOX, names={INBOX: "Inbox"})
    assert ours.missing == [
        "This needs a share with permission to mark messages read and unread in the folder “Inbox”."
    ]


def test_an_administrator_meets_what_asks_for_one_and_sees_no_mail() -> None:
    administrator = decide(administrator=True)
    assert administrator.meets({Right.ADMIN}, None, "administrator")
    assert administrator.explain((), None, "administrator").allowed
    assert not administrator.meets({Right.ADMIN}, None) and not administrator.meets({Right.READ}, INBOX)
    assert not decide(line(Level.MANAGE)).meets((), None, "administrator")


def test_people_meet_what_asks_for_themselves() -> None:
    assert decide().meets((), None, "self", is_self=True)
    assert not decide().meets((), None, "self", is_self=False)
    assert decide(administrator=True).meets((), None, "self", is_self=False)
    assert decide().meets((), None)


def test_explaining_agrees_with_deciding() -> None:
    decision = decide(line(Level.TRIAGE), line(Level.WRITE, ALPHA, grant=2), folders=server("lrs"))
    for right in Right:
        for mailbox in (None, INBOX, PROJECTS, ALPHA, 99):
            explained = decision.explain({right}, mailbox)
            assert explained.allowed == decision.meets({right}, mailbox)
            assert explained.allowed or explained.missing
            assert explained.because or not explained.allowed


class TestEpoch:
    """The epoch tells states of different rights apart, and only those."""

    def test_any_change_of_rights_changes_it(self) -> None:
        epochs = [
            decision.epoch
            for decision in (
                decide(),
                decide(administrator=True),
                decide(line(Level.READ)),
                decide(line(Level.TRIAGE)),
                decide(line(Level.TRIAGE, without=frozenset({Right.NOTE}))),
                decide(line(Level.READ, PROJECTS)),
                decide(line(Level.READ, ALPHA)),
                decide(line(Level.READ, send=Send.SEND_AS)),
                decide(line(Level.READ), folders=server("l")),
            )
        ]
        assert len(set(epochs)) == len(epochs)

    def test_the_same_rights_by_another_line_keep_it(self) -> None:
        assert decide(line(Level.READ, grant=1)).epoch == decide(line(Level.READ, grant=2)).epoch
        assert decide(line(Level.READ), line(Level.READ)).epoch == decide(line(Level.READ)).epoch

    def test_a_new_folder_keeps_it_for_those_who_see_everything(self) -> None:
        more = [*FOLDERS, Folder(5, INBOX)]
        assert decide(line(Level.READ), folders=more).epoch == decide(line(Level.READ)).epoch

    def test_a_folder_that_moves_out_of_the_tree_changes_it(self) -> None:
        moved = [f for f in FOLDERS if f.id != ALPHA] + [Folder(ALPHA, None)]
        grant = line(Level.READ, PROJECTS)
        assert decide(grant, folders=moved).epoch != decide(grant).epoch
