"""careerbot: answers career questions from a curated knowledge base, and says so when it does not know."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("careerbot")
except PackageNotFoundError:  # run from a checkout that was never installed
    __version__ = "0+unknown"
