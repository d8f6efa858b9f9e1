"""The engine on symmetrised products, by occupation numbers, for any number of levels. May import: engine and below."""
