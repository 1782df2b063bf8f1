"""What the rooms hand one another: events, outcomes, questions, errors, and the ports that join them. Data and protocols only."""
