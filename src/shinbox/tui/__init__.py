"""The terminal client: screens and widgets over the JMAP client.

Owns what a person sees and which key does what. Knows no rule about who may do what (the desk
decides, this room only shows the decision), no mail format and no database.
"""
