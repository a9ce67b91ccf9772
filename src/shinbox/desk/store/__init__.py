"""The desk's SQLite database and blob files: where front and mail meet.

Knows tables, transactions and files; knows neither who asks (front) nor where mail comes from (mail).
"""
