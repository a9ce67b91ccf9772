"""Bytes to Email and back: parse, decode, body structure, header forms, build.

Pure: knows RFC 5322 and MIME, and neither where mail comes from nor who may read it.
"""
