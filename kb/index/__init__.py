"""The flat constraints and verdicts that `find` and the site's finder answer from."""
