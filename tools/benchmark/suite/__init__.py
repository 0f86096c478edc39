"""The benchmark suite: programs, what they are asked to do, what is measured, and the report."""
