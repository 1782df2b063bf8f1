"""HTTP: any program asks with a token and gets the reply as JSON. The smallest channel, and the model for another (docs/channel.md)."""
