"""What the bot knows: YAML that editors write, read into a `KnowledgeBase` or into every fault at once."""
