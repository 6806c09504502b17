"""One file for each kind of figure; every figure is drawn upright on a square of `canvas.SIDE`."""
