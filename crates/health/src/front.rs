//! The proxy in front, as far as it is known: which product it is, where the door stands in its configuration, and how a
//! change there comes into force.

use std::sync::Arc;

use doorcode_settings::trusted_proxy::{Preset, TrustedProxy};
use doorcode_settings::{HostName, ListenAddress};

use crate::subject::Door;

/// What advice about a proxy is made of.
#[derive(Debug, Clone)]
pub(crate) struct Front {
    product: Option<Product>,
    /// Where the door listens.
    addresses: Vec<ListenAddress>,
    scheme: &'static str,
    /// A host that the door has a certificate for.
    host: Option<HostName>,
    /// What the settings say of it.
    pub(crate) proxy: Option<Arc<TrustedProxy>>,
}

/// A proxy whose configuration is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Product {
    Nginx,
    Caddy,
    Traefik,
    Pomerium,
}

impl Front {
    /// The one that `door` was told of.
    pub(crate) fn of(door: &Door) -> Front {
        let preset = door.proxy.as_ref().map(|proxy| proxy.preset);
        Front {
            product: preset.and_then(Product::of),
            addresses: door.listen.clone(),
            scheme: if door.tls { "https" } else { "http" },
            host: door.hosts.first().map(|served| served.host.clone()),
            proxy: door.proxy.clone(),
        }
    }

    /// Where no engine runs that could say anything of it.
    pub(crate) fn unknown() -> Front {
        Front {
            product: None,
            addresses: Vec::new(),
            scheme: "https",
            host: None,
            proxy: None,
        }
    }

    /// The same, where an answer's `Server` names the product, which knows better: oauth2-proxy stands beside any of them.
    #[must_use]
    pub(crate) fn that_says(self, server: Option<&str>) -> Front {
        let named = server.and_then(Product::that_says);
        Front {
            product: named.or(self.product),
            ..self
        }
    }

    /// Where the door listens, as people read it.
    pub(crate) fn door(&self) -> String {
        let named: Vec<String> = self.addresses.iter().map(address).collect();
        match named.is_empty() {
            true => "the door".to_owned(),
            false => format!("the door ({})", named.join(" or ")),
        }
    }

    /// What `product` is told to pass requests on to, as it is written there.
    pub(crate) fn target(&self, product: Product) -> String {
        let address = match (self.addresses.first(), product) {
            (Some(ListenAddress::Tcp(address)), _) if address.ip().is_unspecified() => {
                format!("ADDRESS-OF-THIS-MACHINE:{}", address.port())
            }
            (Some(ListenAddress::Unix(path)), Product::Caddy) => return format!("unix/{}", path.display()),
            (Some(address), _) => address.to_string(),
            (None, _) => "ADDRESS:PORT".to_owned(),
        };
        format!("{}://{address}", self.scheme)
    }

    /// How to have the root that the door's certificate is believed by.
    pub(crate) fn export(&self) -> String {
        match &self.host {
            Some(host) => format!("doorcode cert export {host}"),
            None => "doorcode cert export HOST".to_owned(),
        }
    }

    /// What to do where: for the product in front, or for each by name where it is not known. `change` is told the place of
    /// the door in the product's configuration.
    pub(crate) fn advise(&self, change: impl Fn(Product, &str) -> String) -> String {
        let one = |product: Product| {
            let change = change(product, &self.place(product));
            // Behind lines to be pasted, the sentence goes on at a line of its own.
            let joint = if change.ends_with('\n') { "" } else { "; " };
            format!("{change}{joint}{}", product.reload())
        };
        let Some(product) = self.product else {
            let named = Product::ALL.map(|product| format!("{}: {}", product.name(), one(product)));
            return format!("change the configuration of the proxy.\n{}", named.join("\n"));
        };
        format!(
            "{}. All of it, as it should be: `doorcode recipe {}`",
            one(product),
            product.recipe()
        )
    }

    fn place(&self, product: Product) -> String {
        let door = self.door();
        match product {
            Product::Nginx => {
                format!(
                    "in the location block whose proxy_pass leads to {door}, directly or by an upstream block"
                )
            }
            Product::Caddy => format!("in the reverse_proxy block that leads to {door}"),
            Product::Traefik => format!("in the service whose url is {door}"),
            Product::Pomerium => format!("in the route whose \"to\" is {door}"),
        }
    }
}

impl Product {
    const ALL: [Product; 4] = [
        Product::Nginx,
        Product::Caddy,
        Product::Traefik,
        Product::Pomerium,
    ];

    /// By the preset; that of oauth2-proxy is the recipe's for nginx.
    fn of(preset: Preset) -> Option<Product> {
        match preset {
            Preset::Oauth2Proxy => Some(Product::Nginx),
            Preset::Caddy => Some(Product::Caddy),
            Preset::Traefik => Some(Product::Traefik),
            Preset::Pomerium => Some(Product::Pomerium),
            _ => None,
        }
    }

    fn that_says(server: &str) -> Option<Product> {
        let server = server.to_ascii_lowercase();
        let named = [
            ("nginx", Product::Nginx),
            ("openresty", Product::Nginx),
            ("caddy", Product::Caddy),
        ];
        let found = named.into_iter().find(|(name, _)| server.starts_with(name));
        found.map(|(_, product)| product)
    }

    fn name(self) -> &'static str {
        match self {
            Product::Nginx => "nginx",
            Product::Caddy => "Caddy",
            Product::Traefik => "Traefik",
            Product::Pomerium => "Pomerium",
        }
    }

    fn recipe(self) -> &'static str {
        match self {
            Product::Nginx => "nginx",
            Product::Caddy => "caddy",
            Product::Traefik => "traefik",
            Product::Pomerium => "pomerium-core",
        }
    }

    fn reload(self) -> &'static str {
        match self {
            Product::Nginx => "then `nginx -t && systemctl reload nginx`",
            Product::Caddy => "then `systemctl reload caddy`",
            Product::Traefik => "Traefik takes up a changed file by itself",
            Product::Pomerium => "Pomerium takes up a changed file by itself",
        }
    }
}

fn address(listen: &ListenAddress) -> String {
    match listen {
        ListenAddress::Tcp(address) if address.ip().is_unspecified() => {
            format!("port {} of this machine", address.port())
        }
        address => address.to_string(),
    }
}

#[cfg(test)]
impl Front {
    /// One of which nothing is known but that it is `product`, if any.
    pub(crate) fn some(product: Option<Product>) -> Front {
        Front {
            product,
            addresses: vec!["127.0.0.1:8443".parse().expect("an address")],
            ..Front::unknown()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_door_is_written_as_the_product_writes_it() {
        let at = |address: &str, product| {
            let front = Front {
                addresses: vec![address.parse().expect("an address")],
                ..Front::unknown()
            };
            front.target(product)
        };
        assert_eq!(at("10.0.0.1:8443", Product::Caddy), "https://10.0.0.1:8443");
        assert_eq!(at("unix:/run/door", Product::Nginx), "https://unix:/run/door");
        assert_eq!(at("unix:/run/door", Product::Caddy), "unix//run/door");
        assert_eq!(
            at("0.0.0.0:8443", Product::Traefik),
            "https://ADDRESS-OF-THIS-MACHINE:8443"
        );
    }

    #[test]
    fn advice_is_for_the_product_in_front_or_for_each_by_name() {
        let advice = |front: Front| front.advise(|product, place| format!("{place}, {product:?}"));
        let nginx = advice(Front::some(Some(Product::Nginx)));
        assert!(
            nginx.starts_with("in the location block whose proxy_pass leads to the door (127.0.0.1:8443)"),
            "{nginx}"
        );
        assert!(nginx.contains("`nginx -t && systemctl reload nginx`"), "{nginx}");
        assert!(!nginx.contains("Caddy"), "{nginx}");
        let caddy = advice(Front::some(Some(Product::Nginx)).that_says(Some("Caddy")));
        assert!(caddy.starts_with("in the reverse_proxy block"), "{caddy}");
        let unknown = advice(Front::some(None).that_says(Some("a server")));
        for name in ["\nnginx: ", "\nCaddy: ", "\nTraefik: ", "\nPomerium: "] {
            assert!(unknown.contains(name), "{unknown}");
        }
    }
}
