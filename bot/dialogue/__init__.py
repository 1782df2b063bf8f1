"""What to say: from a person's act to a decision to a reply. Knows no platform, no database and no clock."""
