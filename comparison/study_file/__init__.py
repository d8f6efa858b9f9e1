"""Studies written as data: the schema, defaults, formulas, and the way to a `Study`. May import: study, claims."""
