"""Commands that check, build and publish, and what they keep."""
