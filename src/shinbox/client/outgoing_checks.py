"""What one should look at again before a message leaves: a sentence each.

Pure. Hinders nothing: who may send to whom is the desk's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from shinbox.client.answering import recipients
from shinbox.client.drafts import Draft
from shinbox.client.formats import count
from shinbox.errors import ShinboxError
from shinbox.jmap.objects import Email, Identity
from shinbox.text.quote import sections

_ATTACHED: Final = re.compile(
    r"\b(?:attach(?:ed|ing|ment|ments)?|enclosed"  # English
    r"|anhang|anhänge|angehängt\w*|beigefügt\w*|anbei|anlage|anlagen"  # German
    r"|ci-joint\w*|pièces? jointes?|en annexe"  # French
    r"|adjunt[oa]s?|adjunto"  # Spanish
    r"|allegat[oiae]|in allegato"  # Italian
    r"|em anexo|anexad[oa]s?|anexos?"  # Portuguese
    r"|bijlagen?|bijgevoegd\w*|bijgaand"  # Dutch
    r"|vedlegg|vedlagt|vedhæftet|vedhæftede|bifogad\w*|bifogar|bilaga|bilagor|liitteenä|liite"  # Nordic
    r"|załączni\w*|w załączeniu|příloh\w*|mellékel\w*|csatol\w*"  # Polish, Czech, Hungarian
    r"|вложени\w*|прикреп\w*|во вложении|συνημμέν\w*|ekte|ekli)\b"  # Russian, Greek, Turkish
    r"|添付|附件|첨부",
    re.IGNORECASE,
)


def warnings(draft: Draft, identity: Identity) -> list[str]:
    """Sentences for the review line, the gravest first; empty if nothing stands out."""
    found = []
    if not draft.subject.strip():
        found.append("There is no subject.")
    if not draft.attachments and speaks_of_a_file(draft):
        found.append("The text speaks of an attachment, but there is none.")
    found += _about_people(draft, identity)
    return found


def speaks_of_a_file(draft: Draft) -> bool:
    """Whether one's own words mention an attachment; quotations and the signature do not count."""
    own = [line for part in sections(draft.body) if part.kind == "text" for line in part.lines]
    text = "\n".join(own).split("---------- Forwarded message")[0]
    return bool(_ATTACHED.search(f"{draft.subject}\n{text}" if not draft.replies_to else text))


def _about_people(draft: Draft, identity: Identity) -> list[str]:
    try:
        people = [who.email.lower() for field in (draft.to, draft.cc, draft.bcc) for who in recipients(field)]
    except ShinboxError:
        return []  # The review says by itself what is wrong with a line of recipients.
    if not draft.people:
        return []
    new = [address for address in people if address not in draft.people]
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
