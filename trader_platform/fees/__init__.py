"""What markets cost their traders: tariffs, dated and sourced."""
