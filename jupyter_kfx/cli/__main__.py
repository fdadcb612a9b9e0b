"""`python -m jupyter_kfx.cli`."""

from jupyter_kfx.cli.main import main

main()
