"""Contagion between enterprises: DebtRank, threshold cascades and guarantee circles.

Functions take a sparse matrix of shape (n, n) over n enterprises: the entry (i, j) is about what
enterprise i loses if enterprise j fails. All functions terminate on cycles, since every enterprise
passes its distress on at most once.
"""
