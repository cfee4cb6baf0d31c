"""Measures of a network: components, circles, cores, communities, centrality."""
