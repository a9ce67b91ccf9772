"""The process that talks to the mail world: sync, bodies, sending, and the vault that opens secrets.

Knows accounts and the store; knows nothing of people, sockets or rights, and never imports front.
"""
