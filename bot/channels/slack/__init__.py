"""Slack: what comes from it is read, what goes to it is drawn; a thin loop between both and the gateway."""
