//! The one table of keys: what people can write, what it means, how it is read and shown.

mod desktop;
mod engine;
mod limits;
mod trusted_proxy;

use crate::Key;

/// All keys, those of a table together, in the order in which people read them.
pub const KEYS: &[Key] = &joined::<COUNT>();

const PARTS: [&[Key]; 4] = [engine::KEYS, trusted_proxy::KEYS, limits::KEYS, desktop::KEYS];
const COUNT: usize = PARTS[0].len() + PARTS[1].len() + PARTS[2].len() + PARTS[3].len();

const fn joined<const N: usize>() -> [Key; N] {
    let mut all = [PARTS[0][0]; N];
    let (mut part, mut at, mut filled) = (0, 0, 0);
    while part < PARTS.len() {
        if at == PARTS[part].len() {
            (part, at) = (part + 1, 0);
        } else {
            all[filled] = PARTS[part][at];
            (at, filled) = (at + 1, filled + 1);
        }
    }
    all
}
