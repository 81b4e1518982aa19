"""Actions that hold still, fail, kill their worker or talk to a server of the test."""
