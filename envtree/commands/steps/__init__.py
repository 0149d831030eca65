"""Steps of several commands, between reading a tree and handing it on."""
