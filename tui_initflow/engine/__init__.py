"""The experiment: random networks, their forward and backward pass, and what was measured. Pure numpy, no I/O."""
