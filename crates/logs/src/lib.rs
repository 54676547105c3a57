//! Rotated log files, and reading them back
