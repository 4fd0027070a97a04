"""What keeps the knowledge base sound: its rules, its schema, its index."""
