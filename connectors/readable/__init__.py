"""An agreement put into words, once for every form it is read in."""
