"""What is kept: events that wait, sessions, turns, ratings, questions at the desk. SQLite by default, PostgreSQL by URL."""
