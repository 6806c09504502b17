"""Studies: methods, concepts and seeds against each other, with intervals, tables and a page."""
