//! Which addresses the door listens on, and what a firewall may do to them.

use std::path::Path;

use doorcode_settings::ListenAddress;

use crate::finding::Finding;
use crate::report::{Cause, FixAction};

pub(crate) fn look(listen: &[ListenAddress]) -> Finding {
    if listen.is_empty() {
        let cause = Cause::critical(
            "not_listening",
            "the door listens on no address",
            "write an address under [gateway], such as `listen = [\"127.0.0.1:8443\"]`: `doorcode settings edit`, then `doorcode stop --engine` \
             and `doorcode up`",
        );
        return Finding::wrong("no address", cause.with_action(FixAction::OpenSettings));
    }
    let named: Vec<String> = listen.iter().map(ListenAddress::to_string).collect();
    let reach = match listen
        .iter()
        .filter(|address| !address.is_local())
        .find_map(ListenAddress::tcp)
    {
        None => ", reached from this machine only".to_owned(),
        Some(beyond) => match firewall() {
            None => ", reached from other machines".to_owned(),
            Some(Firewall { name, open }) => format!(
                ", reached from other machines where {name} lets them: {open} {}/tcp",
                beyond.port()
            ),
        },
    };
    Finding::pass(format!("{}{reach}", named.join(", ")))
}

struct Firewall {
    name: &'static str,
    /// The command that opens a port, up to the port.
    open: &'static str,
}

/// One that is switched on; its rules can only be read by root.
fn firewall() -> Option<Firewall> {
    let ufw = std::fs::read_to_string("/etc/ufw/ufw.conf").unwrap_or_default();
    if ufw.lines().any(|line| line.trim() == "ENABLED=yes") {
        return Some(Firewall {
            name: "ufw",
            open: "sudo ufw allow",
        });
    }
    Path::new("/run/firewalld").exists().then_some(Firewall {
        name: "firewalld",
        open: "sudo firewall-cmd --add-port",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_can_reach_an_address_is_said() {
        let listen = |text: &str| vec![text.parse().expect("an address")];
        let local = look(&listen("127.0.0.1:8443"));
        assert!(
            local.evidence.ends_with("from this machine only"),
            "{}",
            local.evidence
        );
        let all = look(&listen("0.0.0.0:8443"));
        assert!(all.evidence.contains("from other machines"), "{}", all.evidence);
        assert_eq!(look(&[]).causes[0].code, "not_listening");
    }
}
