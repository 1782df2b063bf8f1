"""The words and patterns of one language, so that another can stand beside it. English is the one there is."""
