"""What each verb takes, and its help, one a file: parameters and docstrings are what typer makes the help of."""
