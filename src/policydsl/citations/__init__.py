"""Does a policy say what its notice says? Quotes, figures and labels looked up in the text, and the other way round."""
