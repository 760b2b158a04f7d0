"""The HTTP endpoints and the hooks behind them, one module each."""
