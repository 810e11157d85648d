"""``python -m rancher_ports`` is the command line ``rancher-ports``."""

from rancher_ports.cli import main

if __name__ == "__main__":
    main()
