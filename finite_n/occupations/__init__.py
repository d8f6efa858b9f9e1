"""The engine on symmetrised products by occupation numbers, for particles of any number of levels. May import: engine and below."""
