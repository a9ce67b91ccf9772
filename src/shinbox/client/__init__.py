"""What both faces of the client, tui and cli, know of mail: how a message is shown, how an answer is begun.

Owns drafts, answers, the words for addresses and sizes, the notices above a message, the way of its files to
the disk. Knows JMAP's objects and no screen: nothing here imports Textual.
"""
