//! IP addresses other than this machine's own.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Takes addresses out, each under a number that it keeps from one text to the next.
#[derive(Default)]
pub(super) struct Addresses(HashMap<IpAddr, usize>);

impl Addresses {
    pub(super) fn taken_out(&mut self, text: &str) -> String {
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, ':' | '.');
        let mut result = String::with_capacity(text.len());
        for (is_word, run) in runs(text, is_part) {
            match is_word {
                true => result.push_str(&self.word(run)),
                false => result.push_str(run),
            }
        }
        result
    }

    fn word(&mut self, word: &str) -> String {
        // A sentence may go on behind it, but an IPv6 address may end in colons as well.
        for bare in [
            word,
            word.trim_end_matches('.'),
            word.trim_end_matches(['.', ':']),
        ] {
            if let Some(address) = parsed(bare) {
                return self.instead(address, bare) + &word[bare.len()..];
            }
        }
        // The name of a field; what has digits only, as a certificate's fingerprint, is none.
        if let Some((name, rest)) = word.split_once(':')
            && !name.bytes().all(|byte| byte.is_ascii_hexdigit())
        {
            return format!("{}:{}", self.dotted(name), self.word(rest));
        }
        self.dotted(word)
    }

    /// An IPv4 address with letters or colons around it.
    fn dotted(&mut self, word: &str) -> String {
        let mut result = String::with_capacity(word.len());
        for (is_number, run) in runs(word, |c| c.is_ascii_digit() || c == '.') {
            let bare = run.trim_matches('.');
            match bare.parse::<Ipv4Addr>() {
                Ok(address) if is_number => {
                    let before = run.len() - run.trim_start_matches('.').len();
                    result.push_str(&run[..before]);
                    result.push_str(&self.instead(address.into(), bare));
                    result.push_str(&run[before + bare.len()..]);
                }
                _ => result.push_str(run),
            }
        }
        result
    }

    fn instead(&mut self, address: IpAddr, written: &str) -> String {
        let address = address.to_canonical();
        if address.is_loopback() || address.is_unspecified() {
            return written.to_owned();
        }
        let next = self.0.len() + 1;
        format!("<address {}>", self.0.entry(address).or_insert(next))
    }
}

/// An address, with a port or without.
fn parsed(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().map(|address| address.ip());
    text.parse().or_else(|_| with_port()).ok()
}

/// The runs of characters that are `of_kind` and of those that are not, in their order.
fn runs(text: &str, of_kind: impl Fn(char) -> bool) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = of_kind(rest.chars().next()?);
        let end = rest.find(|c| of_kind(c) != first).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        rest = after;
        Some((first, run))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_number_in_all_texts() {
        let mut addresses = Addresses::default();
        assert_eq!(
            addresses.taken_out("10.0.0.1 10.0.0.2"),
            "<address 1> <address 2>"
        );
        assert_eq!(addresses.taken_out("::ffff:10.0.0.2"), "<address 2>");
    }

    #[test]
    fn an_address_is_found_whatever_stands_beside_it() {
        for (text, left) in [
            ("client:203.0.113.9", "client:<address 1>"),
            ("x:client:203.0.113.9:80,", "x:client:<address 1>,"),
            ("203.0.113.10-", "<address 1>-"),
            ("203.0.113.1-203.0.113.9", "<address 1>-<address 2>"),
            ("_203.0.113.9_ ~203.0.113.9~", "_<address 1>_ ~<address 1>~"),
            ("v203.0.113.9x", "v<address 1>x"),
            ("...203.0.113.9...", "...<address 1>..."),
            ("10:203.0.113.9", "10:<address 1>"),
            ("client:2001:db8::7", "client:<address 1>"),
            ("my-peer_2001:db8::7-", "my-peer_<address 1>-"),
            (
                "2001:db8:: 2001:db8::7: 2001:db8::7.",
                "<address 1> <address 2>: <address 2>.",
            ),
            ("fe80::1%eth0", "<address 1>%eth0"),
        ] {
            assert_eq!(Addresses::default().taken_out(text), left);
        }
    }

    #[test]
    fn what_is_no_address_or_this_machines_own_stays() {
        for text in [
            "client:127.0.0.1:80 peer:::1 [::1]:80 0.0.0.0:443 [::]:1",
            "doorcode_engine::engine::be: version 4.139.1 at 11:45:13",
            "AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99",
            "256.1.1.1 1.2.3 é.1",
        ] {
            assert_eq!(Addresses::default().taken_out(text), text);
        }
    }
}
