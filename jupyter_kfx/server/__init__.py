"""The extension of Jupyter Server: REST below `jupyter-kfx/`."""
