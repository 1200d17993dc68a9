"""What is asked and what an answer must be: prompts, requests, parsing, re-asking, repair. Never sends anything."""
