//! How WebKitGTK draws in the window's process: with OpenGL where a graphics card does it, else without.

use std::fs;
use std::path::Path;

use crate::environment;

/// A variable that WebKitGTK reads, and its value.
type Setting = (&'static str, &'static str);

/// Has the pages drawn by the processor, into shared memory.
const WITHOUT_OPENGL: Setting = ("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
/// Left to itself WebKit loads OpenGL to ask it for the name of its device, which nothing then uses. Here is one to name.
const WITHOUT_DEVICE: Setting = ("WEBKIT_WEB_RENDER_DEVICE_FILE", "/dev/null");

/// What the window's process finds in its environment besides what is in ours. docs/platforms.md has the measurements.
pub(super) fn environment() -> &'static [Setting] {
    let is_chosen = [WITHOUT_OPENGL, WITHOUT_DEVICE]
        .iter()
        .any(|(name, _)| std::env::var_os(name).is_some());
    let has_nvidia = Path::new("/proc/driver/nvidia/version").exists();
    choose(is_chosen, has_card(), has_nvidia && environment::is_wayland())
}

/// Whoever has set one of the variables, to whatever, is left alone. Without a card OpenGL is what the processor makes of it,
/// which costs twice the time until the first paint and twice the memory. With NVIDIA's own driver under Wayland, windows would
/// stay empty.
fn choose(is_chosen: bool, has_card: bool, is_nvidia_on_wayland: bool) -> &'static [Setting] {
    match (is_chosen, has_card, is_nvidia_on_wayland) {
        (true, _, _) => &[],
        (false, false, _) => &[WITHOUT_OPENGL, WITHOUT_DEVICE],
        (false, true, true) => &[WITHOUT_OPENGL],
        (false, true, false) => &[],
    }
}

/// Whether the kernel has a device that draws: <https://docs.kernel.org/gpu/drm-uapi.html#render-nodes>.
fn has_card() -> bool {
    fs::read_dir("/dev/dri").is_ok_and(|devices| {
        devices
            .flatten()
            .any(|device| device.file_name().as_encoded_bytes().starts_with(b"renderD"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_draws_but_where_windows_would_stay_empty() {
        assert_eq!(choose(false, true, false), []);
        assert_eq!(choose(false, true, true), [WITHOUT_OPENGL]);
    }

    #[test]
    fn without_a_card_opengl_is_not_even_loaded() {
        assert_eq!(choose(false, false, false), [WITHOUT_OPENGL, WITHOUT_DEVICE]);
        assert_eq!(choose(false, false, true), [WITHOUT_OPENGL, WITHOUT_DEVICE]);
    }

    #[test]
    fn who_has_chosen_is_left_alone() {
        for (has_card, is_nvidia_on_wayland) in [(false, false), (true, false), (true, true)] {
            assert_eq!(choose(true, has_card, is_nvidia_on_wayland), []);
        }
    }
}
