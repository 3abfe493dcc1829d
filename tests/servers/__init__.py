"""Servers for the tests: a private Dovecot, the embedded one, a proxy that counts.

``fixtures.py`` makes pytest fixtures of them, which tests/conftest.py loads for all.
"""
