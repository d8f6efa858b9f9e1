"""The engine for particles that do not interact: one particle's master equation answers every N.

May import: engine and below.
"""
