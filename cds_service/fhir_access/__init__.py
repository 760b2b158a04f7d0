"""Gathers the clinical data of one call: which queries we ask for, what came back, what is missing."""
