"""The protocol room, for both programs: data types, wire forms and the client (RFC 8620, 8621).

Owns what travels between client and desk. Knows neither a database nor a screen.
"""
