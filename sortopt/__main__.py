"""`python -m sortopt` is the command `sortopt`."""

from sortopt.cli import main

if __name__ == "__main__":
    main()
