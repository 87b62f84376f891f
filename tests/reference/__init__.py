"""A second market, written from the readings alone: slow, plain, exact, and compared with the kernel."""
