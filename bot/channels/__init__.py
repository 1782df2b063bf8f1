"""How people reach the bot: each channel turns what its platform says into acts, and replies into what it shows."""
