//! Wires the parts: state, events, the control socket's server and client
