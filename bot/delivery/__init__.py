"""From an event that came to a reply that went: nothing is lost on the way, and nothing is said twice that need not be."""

import logging

logging.getLogger("careerbot").addHandler(logging.NullHandler())
