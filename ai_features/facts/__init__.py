"""What features compute: plain Python on plain data, money as Decimal, no Django."""
