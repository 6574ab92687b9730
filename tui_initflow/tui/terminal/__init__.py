"""What is sent to the terminal: only cells that changed, and no more than the line can carry."""
