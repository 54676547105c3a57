//! Whether something runs from an install.

use std::path::Path;

/// Whether a process runs a program of this folder, or names it on its command line, as Node does the script
/// that it runs. When that cannot be found out, the answer is yes.
#[cfg(target_os = "linux")]
pub(crate) fn in_use(install: &Path) -> bool {
    use std::fs;

    let Ok(processes) = fs::read_dir("/proc") else {
        return true;
    };
    { processes.flatten() }
        .filter(|entry| {
            entry
                .file_name()
                .as_encoded_bytes()
                .iter()
                .all(u8::is_ascii_digit)
        })
        // A process of somebody else cannot be read; it cannot read our folder either.
        .any(|process| {
            fs::read_link(process.path().join("exe")).is_ok_and(|program| program.starts_with(install))
                || fs::read(process.path().join("cmdline")).is_ok_and(|words| names(&words, install))
        })
}

/// The same from the list of processes that `ps` prints; unverified on macOS.
#[cfg(not(target_os = "linux"))]
pub(crate) fn in_use(install: &Path) -> bool {
    use std::process::Command;

    let listed = Command::new("/bin/ps").args(["-axww", "-o", "command="]).output();
    listed.map_or(true, |listed| {
        !listed.status.success() || names(&listed.stdout, install)
    })
}

/// Whether a path below `install` stands in these command lines.
fn names(words: &[u8], install: &Path) -> bool {
    let mut needle = install.as_os_str().as_encoded_bytes().to_vec();
    needle.push(b'/');
    words.windows(needle.len()).any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_inside_the_folder_count() {
        let install = Path::new("/data/code-server/4.139.1-1");
        assert!(names(
            b"/usr/bin/node\0/data/code-server/4.139.1-1/app/entry.js\0",
            install
        ));
        assert!(!names(
            b"/usr/bin/node\0/data/code-server/4.139.1-12/app/entry.js\0",
            install
        ));
        assert!(!names(b"", install));
    }
}
