"""Who vouches for a run: attestations, pull requests, signatures; asked of tools that know."""
