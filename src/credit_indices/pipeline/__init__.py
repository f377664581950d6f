"""Commands that check, build and publish the warehouse, and the files that they store."""
