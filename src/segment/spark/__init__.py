"""The same work over many machines: Spark schedules and shuffles, each task runs what one machine runs."""
