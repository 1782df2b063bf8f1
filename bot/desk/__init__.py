"""A question on its way to a person and back: what the desk can do about it, and what asker and desk hear."""
