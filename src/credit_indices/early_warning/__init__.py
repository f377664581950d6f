"""The early warning: an engine that keeps its state in a file and recomputes what a day touches."""
