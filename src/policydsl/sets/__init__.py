"""How do policies stand to each other, in time and in rank? What is taken over, what binds, what is in force."""
