//! Finds code-server on this machine, or brings one into the data directory
