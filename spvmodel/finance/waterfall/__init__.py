"""The cash waterfall: its order, its walk and the sweep."""
