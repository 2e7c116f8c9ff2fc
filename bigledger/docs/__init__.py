"""The pages that explain the API, made from the code: errors, events, reference."""
