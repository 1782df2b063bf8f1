"""The running process: the server and its tasks, the web, knowledge reloaded, and the check before a start."""
