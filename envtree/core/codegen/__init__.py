"""Code that loads and checks the variables of one service, in the languages that programs are written in."""
