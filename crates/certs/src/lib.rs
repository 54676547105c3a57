//! A host's certificate: issue, store, inspect, renew; or a custom pair instead
