"""What each pane shows: pure functions from a summary of the runs to a picture of cells, without Textual."""
