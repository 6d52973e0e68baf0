"""The articles as they ship, and their way into the database."""
