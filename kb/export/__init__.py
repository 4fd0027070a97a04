"""`export`: the whole knowledge base, for other tools."""
