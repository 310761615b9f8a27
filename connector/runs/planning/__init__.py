"""Plans: made against what stands outside, kept in a file, applied once a person has looked."""
