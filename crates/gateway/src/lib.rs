//! The front door: listen, TLS, guard, sign in, sessions, proxy, access log
