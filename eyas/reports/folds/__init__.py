"""What pictures show, as plain data: numpy columns made of a curve or of trades; nothing here draws."""
