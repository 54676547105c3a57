//! Which browser, on which system: for a name that people recognise, and for the steps that fit.

use std::fmt;

use http::HeaderMap;
use http::header::USER_AGENT;

/// A browser as it names itself. Anybody can send any name, so it never decides anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Browser {
    name: &'static str,
    version: Option<u32>,
    pub(crate) platform: Platform,
}

/// The systems whose steps to trust a certificate differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Platform {
    IPhone,
    /// iPads call themselves Macs unless they are told not to.
    IPad,
    Android,
    Mac,
    Windows,
    ChromeOs,
    Linux,
    Unknown,
}

/// What a `User-Agent` contains, and whose it is. The first match counts: later ones are in the earlier ones' too.
const AGENTS: [(&str, &str); 14] = [
    ("EdgiOS/", "Edge"),
    ("EdgA/", "Edge"),
    ("Edg/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("HeadlessChrome/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Version/", "Safari"),
    ("AppleWebKit/", "a WebKit browser"),
    ("curl/", "curl"),
];

/// What `Sec-CH-UA` calls the browsers that all have Chrome's `User-Agent` (User-Agent Client Hints, section 3.2). The
/// first match counts: Chromium is in all of them.
const BRANDS: [(&str, &str); 6] = [
    ("\"Google Chrome\"", "Chrome"),
    ("\"Brave\"", "Brave"),
    ("\"Microsoft Edge\"", "Edge"),
    ("\"Opera\"", "Opera"),
    ("\"Vivaldi\"", "Vivaldi"),
    ("\"Chromium\"", "Chromium"),
];

/// The first match counts: Android says Linux too, and iPads say Mac OS X.
const PLATFORMS: [(&str, Platform); 9] = [
    ("iPhone", Platform::IPhone),
    ("iPod", Platform::IPhone),
    ("iPad", Platform::IPad),
    ("Android", Platform::Android),
    ("Windows", Platform::Windows),
    ("CrOS", Platform::ChromeOs),
    ("Macintosh", Platform::Mac),
    ("Linux", Platform::Linux),
    ("X11", Platform::Linux),
];

impl Browser {
    /// By what it says in every request.
    pub(crate) fn of(headers: &HeaderMap) -> Browser {
        let text = |value: Option<&http::HeaderValue>| {
            value
                .and_then(|value| value.to_str().ok())
                .unwrap_or_default()
                .to_owned()
        };
        Browser::parse(&text(headers.get(USER_AGENT)), &text(headers.get("sec-ch-ua")))
    }

    fn parse(agent: &str, brands: &str) -> Browser {
        let agent_name = AGENTS.iter().find(|(part, _)| agent.contains(part));
        let brand = BRANDS.iter().find(|(part, _)| brands.contains(part));
        Browser {
            name: brand
                .or(agent_name)
                .map_or("a browser without a name", |(_, name)| *name),
            version: agent_name.and_then(|(part, _)| version_after(agent, part)),
            platform: PLATFORMS
                .iter()
                .find(|(part, _)| agent.contains(part))
                .map_or(Platform::Unknown, |(_, platform)| *platform),
        }
    }
}

fn version_after(agent: &str, part: &str) -> Option<u32> {
    let rest = &agent[agent.find(part)? + part.len()..];
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .map_or(rest, |end| &rest[..end]);
    digits.parse().ok()
}

impl fmt::Display for Browser {
    /// `Firefox 153 on Linux`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        if let Some(version) = self.version {
            write!(f, " {version}")?;
        }
        match self.platform.name() {
            Some(name) => write!(f, " on {name}"),
            None => Ok(()),
        }
    }
}

impl Platform {
    fn name(self) -> Option<&'static str> {
        Some(match self {
            Platform::IPhone => "iPhone",
            Platform::IPad => "iPad",
            Platform::Android => "Android",
            Platform::Mac => "macOS",
            Platform::Windows => "Windows",
            Platform::ChromeOs => "ChromeOS",
            Platform::Linux => "Linux",
            Platform::Unknown => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_have_the_names_that_people_know() {
        let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
        for (agent, brands, name) in [
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0",
                "",
                "Firefox 153 on Linux",
            ),
            (chrome, "", "Chrome 156 on Linux"),
            (
                chrome,
                r#""Not.A/Brand";v="99", "Chromium";v="156""#,
                "Chromium 156 on Linux",
            ),
            (
                chrome,
                r#""Chromium";v="156", "Brave";v="156""#,
                "Brave 156 on Linux",
            ),
            (
                &chrome.replace("Chrome/", "HeadlessChrome/"),
                "",
                "Chromium 156 on Linux",
            ),
            (&format!("{chrome} Edg/156.0"), "", "Edge 156 on Linux"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
                "",
                "Safari 19 on iPhone",
            ),
            (
                "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/150.0 Mobile/15E148 Safari/605.1.15",
                "",
                "Firefox 150 on iPad",
            ),
            (
                "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/155.0.0.0 Mobile Safari/537.36",
                "",
                "Chrome 155 on Android",
            ),
            (
                "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15",
                "",
                "Safari 19 on macOS",
            ),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:151.0) Gecko/20100101 Firefox/151.0",
                "",
                "Firefox 151 on Windows",
            ),
            ("curl/8.5.0", "", "curl 8"),
            ("Firefox/99999999999999999999", "", "Firefox"),
            ("\u{1b}[31m<script>", "", "a browser without a name"),
        ] {
            assert_eq!(Browser::parse(agent, brands).to_string(), name, "{agent}");
        }
    }
}
