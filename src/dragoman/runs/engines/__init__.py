"""Ways of working through many articles: each turns places into outcomes in the order of the input."""
