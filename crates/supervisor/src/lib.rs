//! The editor process: start, watch, restart, stop, sweep
