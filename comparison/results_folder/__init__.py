"""The folder of results: locked, written whole or not at all, nothing finished replaced by less. May import: referee."""
