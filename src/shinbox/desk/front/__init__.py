"""The process that talks to people: socket, login, rights, methods, event streams.

Can seal a secret and never open one; knows nothing of mail servers and never imports the mail process.
"""
