"""What an operator sees of the running bot: a log line and a few counters a turn, and no word that anybody wrote."""
