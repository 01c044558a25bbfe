"""The page and the API that managers, advisers and marketing work in: one face beside the command line."""
