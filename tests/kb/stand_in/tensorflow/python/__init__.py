"""The part of the stand-in that 1.x keeps here."""
