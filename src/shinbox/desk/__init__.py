"""The desk: the service that owns the shared mailboxes, their credentials, mirror, grants and audit.

Speaks JMAP to people and IMAP, POP3 and SMTP to the mail world; knows neither Textual nor the client.
"""
