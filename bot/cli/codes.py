"""Exit codes, besides 0 for all that is well."""

FOUND_SOMETHING = 1
WRONG_USE = 2
