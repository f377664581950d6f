"""Evaluation of models of credit risk: discrimination, calibration, scorecards and gates.

Pure functions over numpy arrays. `defaulted` is always an array of shape (n,), True (or 1) for a
loan that defaulted. A higher score means a higher risk, except for the points of a scorecard.
"""
