"""The Liouvillian on Dicke blocks: its terms compiled, how states are stored, the problem on whole blocks and on some elements."""
