"""Render the knowledge base: Markdown pages, JSON for machines, badges."""
