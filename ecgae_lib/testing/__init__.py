"""What tests and benches need beside the course: a browser without a network, a JupyterLab."""
