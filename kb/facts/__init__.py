"""What the sources say of wheels, GPUs and drivers; claims, and where they contradict."""
