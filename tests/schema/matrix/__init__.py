"""Every root field asked as every kind of caller, generated from the built schema."""
