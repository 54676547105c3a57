//! What has to be right about this process and its surroundings before anything else.

use doorcode_settings::Problem;

/// Prepares the allocator. To be called before there is a second thread.
pub(crate) fn prepare() {
    return_large_blocks();
}

/// Makes rustls use the one implementation that is compiled in.
///
/// # Panics
/// When called twice.
pub(crate) fn install_cryptography() {
    if rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .is_err()
    {
        unreachable!("this is the only place that installs a cryptographic provider");
    }
}

/// Whether the session is a Wayland one, where no program can hear a key that is meant for another.
pub(crate) fn is_wayland() -> bool {
    is_set("WAYLAND_DISPLAY")
}

/// # Errors
/// `no_display`: without one the webview's library would end the process.
#[cfg(target_os = "linux")]
pub(crate) fn require_display() -> Result<(), Problem> {
    gtk::init().map_err(|_| {
        Problem::new(
            "no_display",
            "there is no display to show the tray and the window on (DISPLAY and WAYLAND_DISPLAY name none that answers)",
            "doorcode up",
        )
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn require_display() -> Result<(), Problem> {
    Ok(())
}

/// Makes the allocator give blocks of a megabyte and more back to the system when they are freed. Left to itself glibc
/// keeps the 19 MB of each password verification, on every thread that ever did one (mallopt(3), M_MMAP_THRESHOLD).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "glibc offers it in no other way")]
fn return_large_blocks() {
    const BYTES: i32 = 1 << 20;
    // SAFETY: mallopt takes two integers and is called before any other thread exists.
    unsafe { libc::mallopt(libc::M_MMAP_THRESHOLD, BYTES) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn return_large_blocks() {}

fn is_set(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}
