"""Invitation triage: tells the real note from the rest, and files both, reversibly."""

__version__ = "0.1.0"
