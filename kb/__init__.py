"""Will this TensorFlow run here? The knowledge base and the questions it answers."""
