"""The project's own test servers, on loopback: Dovecot, Postfix, OpenSSH, and a wire that can be cut.

Real servers, each run in a temporary folder of its own; nothing of shinbox is imported here.
"""
