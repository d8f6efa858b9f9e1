"""The Liouvillian on Dicke blocks: its terms, how states are stored, problems on whole blocks and on some elements.

May import: what dicke_blocks may.
"""
