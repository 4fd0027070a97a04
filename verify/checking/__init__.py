"""Hold a contributed run against itself and against what is known: rules, a module an idea."""
