"""Which entry a message asks for: words, spelling, a trained classifier, and how sure one may be."""
