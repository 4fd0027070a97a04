"""`doctor`: what keeps TensorFlow from running on this machine."""
