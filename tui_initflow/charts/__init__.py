"""Charts in the terminal: descriptions of data, drawn into pictures made of cells. Only this room knows plotext.

May import: nothing of the package.

    description       what a chart shows, free of sizes and colours, which pages make of results
    render, draw_*    a description, size and palette    -> a frame and marks for plotext, what plotext cannot over them
    plotext_adapter   a frame and marks                -> a picture: rows of runs of cells (`cells`: and its text)

plotext draws the axes with their ticks and labels, the grid, the curves on its logarithmic scale, the points and the
bars. What is drawn here has one of these reasons:

    bands             plotext has no colours behind its curves; as dots, a band would hide the line in it
    dashes            it has solid curves only, and B must differ from A without colour
    hatch, outline    it draws one character in a cell: B's bars and histograms are told apart in its picture
    decade ticks      its own on a logarithmic scale are evenly spaced numbers such as 17.8; it draws those we choose
    title, legend     its legend is a box over the data, at the left where L0 is
    heat map          the numbers in the cells, their signs and the cursor; plotext frames it
    0, infinity, nan  it aborts or raises; they are marks at the edge
"""
