"""The origins of data, in the order in which one of them marks data made of several."""

ORIGINS = ("synthetic", "user", "official")
