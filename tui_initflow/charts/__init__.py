"""Charts in the terminal: descriptions of data, drawn into pictures made of cells. Only this room knows plotext.

May import: nothing of the package.
"""
