"""English: its words and patterns, and what the bot says in it unless an editor says it otherwise."""
