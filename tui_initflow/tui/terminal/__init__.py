"""What goes over the line: frames cut to the cells that changed and to what the line takes."""
