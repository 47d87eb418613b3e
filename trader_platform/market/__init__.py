"""Places, goods, units, what is for sale, what was sold, what it costs and when the market is."""
