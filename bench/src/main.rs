//! Load generators and servers measured side by side.
fn main() {}
