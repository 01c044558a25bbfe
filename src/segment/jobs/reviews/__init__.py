"""Reviews: what is proposed towards loss-making customers waits for a person, and leaves only while the law lets it."""
