"""What the cards came to, for those who run the service and those who answer for the guideline."""
