//! How a certificate becomes trusted on each system: the reader's own first, and open.

use super::shell::{escape, fill};
use crate::check::Platform;

/// The steps, with the addresses of what is to be installed.
#[derive(Debug)]
pub(crate) struct Steps<'a> {
    /// The reader's system, as far as it is known.
    pub(crate) platform: Platform,
    /// The root, DER.
    pub(crate) certificate: &'a str,
    /// The root as a profile for Apple's devices.
    pub(crate) profile: &'a str,
}

struct Section {
    title: &'static str,
    html: &'static str,
    /// Whose systems it is for.
    platforms: &'static [Platform],
}

const SECTIONS: [Section; 5] = [
    Section {
        title: "iPhone and iPad",
        html: include_str!("assets/steps_ios.html"),
        // An iPad says that it is a Mac.
        platforms: &[Platform::IPhone, Platform::IPad, Platform::Mac],
    },
    Section {
        title: "Android",
        html: include_str!("assets/steps_android.html"),
        platforms: &[Platform::Android],
    },
    Section {
        title: "macOS",
        html: include_str!("assets/steps_macos.html"),
        platforms: &[Platform::Mac],
    },
    Section {
        title: "Windows",
        html: include_str!("assets/steps_windows.html"),
        platforms: &[Platform::Windows],
    },
    Section {
        title: "Linux and ChromeOS",
        html: include_str!("assets/steps_linux.html"),
        platforms: &[Platform::Linux, Platform::ChromeOs],
    },
];

impl Steps<'_> {
    /// One foldable section a system.
    pub(crate) fn html(&self) -> String {
        let is_theirs = |section: &&Section| section.platforms.contains(&self.platform);
        let (theirs, others): (Vec<&Section>, Vec<&Section>) = SECTIONS.iter().partition(is_theirs);
        let mut html = String::new();
        for section in &theirs {
            html += &self.section(section, " open");
        }
        for section in &others {
            html += &self.section(section, "");
        }
        html
    }

    fn section(&self, section: &Section, open: &str) -> String {
        let values = [
            ("certificate", &*escape(self.certificate)),
            ("profile", &*escape(self.profile)),
        ];
        let steps = fill(section.html, &values);
        format!(
            "<details{open}>\n<summary>{}</summary>\n{steps}</details>\n",
            section.title
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readers_own_system_comes_first_and_open() {
        for (platform, first) in [
            (Platform::Windows, "<details open>\n<summary>Windows"),
            (Platform::IPad, "<details open>\n<summary>iPhone and iPad"),
            (Platform::Unknown, "<details>\n<summary>iPhone and iPad"),
        ] {
            let html = Steps {
                platform,
                certificate: "/c?a&b",
                profile: "/p",
            }
            .html();
            assert!(html.starts_with(first), "{html}");
            assert_eq!(html.matches("<details").count(), SECTIONS.len());
            assert!(
                html.contains("href=\"/c?a&amp;b\"") && html.contains("href=\"/p\""),
                "{html}"
            );
        }
    }
}
