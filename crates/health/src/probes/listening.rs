//! Which addresses the door listens on, whether this machine still has them, and what a firewall may do to them.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::path::Path;

use doorcode_settings::ListenAddress;

use crate::finding::Finding;
use crate::report::{Cause, FixAction};

/// `full`: how many connections are open, where no more are allowed.
pub(crate) fn look(listen: &[ListenAddress], full: Option<usize>) -> Finding {
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
    let gone: Vec<SocketAddr> = { listen.iter().filter_map(ListenAddress::tcp) }
        .filter(|address| !is_of_this_machine(address.ip()))
        .collect();
    let causes = nowhere(&gone, gone.len() == listen.len()).into_iter();
    Finding::pass(format!("{}{reach}", named.join(", "))).and(causes.chain(full.map(no_more)))
}

/// The door goes on listening at an address that an interface has lost: nobody gets there before it comes back.
fn nowhere(gone: &[SocketAddr], all: bool) -> Option<Cause> {
    let first = gone.first()?;
    let named: Vec<String> = gone.iter().map(SocketAddr::to_string).collect();
    let message = format!(
        "the door listens on {}, which is no address of this machine any more",
        named.join(" and ")
    );
    let fix = format!(
        "`ip address` shows the addresses that this machine has. Bring {} back, such as by connecting the network or the VPN that it \
         belongs to; or listen on another: correct gateway.listen, `doorcode settings edit`, then `doorcode stop --engine` and \
         `doorcode up`",
        first.ip()
    );
    Some(match all {
        true => Cause::critical("not_listening", message, fix),
        false => Cause::warning("not_listening", message, fix),
    })
}

/// Whoever connects now waits in the kernel's queue.
fn no_more(open: usize) -> Cause {
    Cause::critical(
        "connections_full",
        format!("all connections that the door may have are in use ({open}), so whoever comes now waits"),
        format!(
            "`doorcode connections` shows who has them; close windows that nobody needs. Or allow more, such as `connections = {}` under \
             [limits]: `doorcode settings edit`",
            open.saturating_mul(2)
        ),
    )
    .with_action(FixAction::OpenSettings)
}

/// Whether an interface has the address now. The system lets nobody use one that none has.
pub(crate) fn is_of_this_machine(ip: IpAddr) -> bool {
    let refused = UdpSocket::bind((ip, 0)).err();
    refused.is_none_or(|error| error.kind() != ErrorKind::AddrNotAvailable)
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
    use crate::report::Severity;

    #[test]
    fn who_can_reach_an_address_is_said() {
        let listen = |text: &str| vec![text.parse().expect("an address")];
        let local = look(&listen("127.0.0.1:8443"), None);
        assert!(
            local.evidence.ends_with("from this machine only"),
            "{}",
            local.evidence
        );
        let all = look(&listen("0.0.0.0:8443"), None);
        assert!(all.evidence.contains("from other machines"), "{}", all.evidence);
    }

    #[test]
    fn an_address_that_is_gone_is_named_and_keeps_nobody_out_while_there_is_another() {
        // RFC 5737: nobody's.
        let listen = |texts: &[&str]| -> Vec<ListenAddress> {
            texts
                .iter()
                .map(|text| text.parse().expect("an address"))
                .collect()
        };
        let cause = |texts: &[&str]| {
            look(&listen(texts), None)
                .causes
                .into_iter()
                .next()
                .expect("a cause")
        };
        let all = cause(&["192.0.2.7:8443"]);
        assert_eq!((&*all.code, all.severity), ("not_listening", Severity::Critical));
        let one = cause(&["127.0.0.1:8443", "192.0.2.7:8443"]);
        assert_eq!((&*one.code, one.severity), ("not_listening", Severity::Warning));
        assert!(one.message.contains("on 192.0.2.7:8443,"), "{}", one.message);
        assert!(
            look(&listen(&["127.0.0.1:8443", "[::]:8443"]), None)
                .causes
                .is_empty()
        );
    }
}
