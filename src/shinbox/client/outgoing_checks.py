"""What one should look at again before a message leaves: a sentence each.

Pure. Hinders nothing: who may send to whom is the desk's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final

from shinbox.client.answering import recipients
from shinbox.client.drafts import Draft
from shinbox.client.formats import count, short_name, when
from shinbox.client.own_words import own_lines
from shinbox.errors import ShinboxError
from shinbox.jmap.objects import Email, Identity
from shinbox.text.quote import FORWARD_LINE

_ATTACHED: Final = re.compile(
    r"\b(?:attach(?:ed|ing|ment|ments)?|enclosed|enclosures?"  # English
    r"|anhang|anhänge|anhängen|angehängt\w*|hänge\w* .{0,40}\ban\b|beigefügt\w*|anbei|beiliegend\w*"  # German
    r"|(?:in der|als|siehe) anlagen?"
    r"|ci-joint\w*|ci-annexé\w*|pièces? jointes?|en pj|en annexe|joins? (?:à|le|la|les|un|une)"  # French
    r"|joint\w* à c\w+"
    r"|adjunt\w*|anexo"  # Spanish
    r"|allegat[oiae]|in allegato|allego"  # Italian
    r"|em anexo|anexad[oa]s?|anexos?|segue em anexo"  # Portuguese
    r"|bijlagen?|bijgevoegd\w*|bijgaand\w*|bijgesloten"  # Dutch
    r"|vedlegg\w*|vedlagt\w*|vedlægg\w*|vedhæft\w*|legger ved|lægger ved"  # Norwegian, Danish
    r"|bifog\w*|bilag\w*"  # Swedish, Danish
    r"|liitteenä|liite|liitetiedosto\w*"  # Finnish
    r"|załączni\w*|w załączeniu|załączam|příloh\w*|mellékel\w*|csatol\w*"  # Polish, Czech, Hungarian
    r"|вложени\w*|прикреп\w*|во вложении|прилага\w*|συνημμέν\w*|ekte|ekli)\b"  # Russian, Greek, Turkish
    r"|添付|附件|첨부",
    re.IGNORECASE,
)

MOST_TOLD: Final = 3
"""Messages that came in meanwhile and are told of."""


def warnings(draft: Draft, identity: Identity) -> list[str]:
    """Sentences for the review line, the gravest first; empty if nothing stands out."""
    found = []
    if not draft.subject.strip():
        found.append("There is no subject.")
    if not _own_words(draft).strip() and not draft.attachments and not is_forward(draft):
        found.append("You have written no text.")
    if not draft.attachments and speaks_of_a_file(draft):
        found.append("The text speaks of an attachment, but there is none.")
    found += _about_people(draft, identity)
    return found


def speaks_of_a_file(draft: Draft) -> bool:
    """Whether one's own words mention an attachment; quotations and the signature do not count."""
    text = _own_words(draft)
    return bool(_ATTACHED.search(f"{draft.subject}\n{text}" if not draft.replies_to else text))


def is_forward(draft: Draft) -> bool:
    """Whether it holds another's message."""
    return any(line.startswith(FORWARD_LINE) for line in draft.body.split("\n"))


def _own_words(draft: Draft) -> str:
    return "\n".join(line for _, line in own_lines(draft.body))


def new_people(draft: Draft) -> list[str]:
    """The addresses that get it and took no part in what it answers, in lower case, each once.

    :raises InvalidRecipients: one of them is no address.
    """
    fields = (draft.to, draft.cc, draft.bcc)
    people = [person.email.lower() for text in fields for person in recipients(text)]
    return [address for address in dict.fromkeys(people) if address not in draft.people]


def stranger_warning(strangers: Sequence[str], identity: Identity) -> str:
    """The sentence about people with whom the mailbox has never written."""
    own = _domain(identity.email)
    outside = [address for address in strangers if _domain(address) != own]
    where = f" (outside {own})" if len(outside) == len(strangers) else ""
    return f"The first message to {', '.join(strangers)}{where}: is the address right?"


def _about_people(draft: Draft, identity: Identity) -> list[str]:
    if not draft.people:
        return []
    try:
        new = new_people(draft)
    except ShinboxError:
        return []  # The review says by itself what is wrong with a line of recipients.
    domain = _domain(identity.email)
    known_domains = {_domain(address) for address in draft.people} | {domain}
    strange = sorted({_domain(address) for address in new} - known_domains)
    found = [f"New in this conversation: {', '.join(new)}."] if new else []
    if strange:
        found.append(f"Outside {domain} and this conversation: {', '.join(strange)}.")
    return found


def people_of(email: Email) -> list[str]:
    """The addresses that took part in a message, for `Draft.people`."""
    groups: Iterable[Iterable[str]] = (
        (person.email.lower() for person in group or ())
        for group in (email.from_, email.to, email.cc, email.reply_to)
    )
    return sorted({address for group in groups for address in group})


def what_came_in(emails: Sequence[Email], ours: Collection[str], now: datetime) -> str:
    """Who wrote what since an answer was begun, the newest last; `ours` are the mailbox's addresses."""
    told = []
    for email in sorted(emails, key=lambda email: email.received_at or "")[-MOST_TOLD:]:
        author = email.from_[0] if email.from_ else None
        mine = author is not None and author.email.lower() in ours
        who = "a colleague has answered" if mine else f"{short_name(author) if author else 'somebody'} wrote"
        told.append(f"{who} ({when(email.received_at, now)}): “{(email.preview or '').strip()}”")
    return f"Not sent: meanwhile {'; '.join(told)} Read it; then send yours all the same, or discard it."


def files_line(draft: Draft) -> str:
    """What goes along, in a line; empty for nothing."""
    from shinbox.client.formats import size

    if not draft.attachments:
        return ""
    names = ", ".join(file.name for file in draft.attachments)
    total = sum(file.size for file in draft.attachments)
    return f"{count(len(draft.attachments), 'file')} · {size(total)} · {names}"


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower()
