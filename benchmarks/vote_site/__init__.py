"""The site with two more addresses, for benchmarks.voting: what its vote is compared with."""
