"""`lookup`: what was published of a version, and how to set it up."""
