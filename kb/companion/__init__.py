"""`companion`: which releases of a companion go with which TensorFlow."""
