"""The demo: a throwaway desk with three shared mailboxes, people of every level and believable mail.

Owns invented people and messages, and the loopback mail server between them. Knows the store (it fills
one before the desk starts) and mime (it builds messages); knows no screen.
"""
