//! `doorcode`: the command
fn main() {}
