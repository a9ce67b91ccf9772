"""The connectors: the only code that talks to mail servers, one module a protocol.

Knows wires and server quirks; knows neither the store nor what the mail is for.
"""
