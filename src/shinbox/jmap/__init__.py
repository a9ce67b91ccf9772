"""The JMAP protocol (RFC 8620, 8621), for both sides.

Owns the data types, the wire form and the client; knows nothing of the desk's store or the screen.
"""
