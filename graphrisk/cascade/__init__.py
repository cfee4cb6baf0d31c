"""One shocked run and what is read off it: shocks, the run, loss lines, attribution, sensitivity, what-if."""
