"""Who sees what: a model of twenty lines and the server, asked by every road in random states."""
