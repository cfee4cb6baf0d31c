"""Where things stand: layouts, and the groups into which a picture gathers what it draws."""
