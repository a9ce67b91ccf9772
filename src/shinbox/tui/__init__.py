"""The terminal client: a JMAP client drawn with Textual.

Holds no mailbox password, no mail database and no rule about who may do what.
"""
