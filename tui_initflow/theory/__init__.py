"""What mean-field theory predicts for a network before any of it is drawn: pure functions, no simulation.

May import: engine, model, functions. README.md beside this file has the derivations.

`outlook` is the way in: all that theory says of an experiment. It rests on `prediction`, the gradient at every point
with its finite-width band; `phase`, order and chaos; and `budget`, how deep a network may be.
"""
