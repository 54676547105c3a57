//! An address of ours as a QR code, for the camera of a phone.

use doorcode_settings::Problem;
use qrcode::{Color, EcLevel, QrCode};
use serde::Serialize;
use tauri::State;

use super::Answer;
use super::devices::Onboarding;
use crate::engine_link::EngineLink;
use crate::own_address;

/// Light modules that a reader needs on each side (ISO/IEC 18004, 6.3.8).
const QUIET_ZONE: usize = 4;

/// A QR code as SVG draws it.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub(crate) struct Qr {
    /// Modules along a side, the quiet zone included: the SVG's view box is `0 0 size size`.
    size: usize,
    /// The dark modules, as data for a `path`.
    path: String,
}

/// The QR code of `text`, which must be an address of the engine's, or the page for phones that is open now.
#[tauri::command]
pub(crate) fn qr(text: &str, link: State<'_, EngineLink>, onboarding: State<'_, Onboarding>) -> Answer<Qr> {
    let known = own_address::is_ours(text, &link.snapshot().status.urls) || onboarding.offers(text);
    if !known {
        return Err(own_address::foreign());
    }
    draw(text)
}

fn draw(text: &str) -> Answer<Qr> {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| {
        Problem::new(
            "qr_too_long",
            format!("the address does not fit into a QR code: {error}"),
            "",
        )
    })?;
    let width = code.width();
    let modules = code.to_colors();
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run[0] == Color::Dark {
                let (left, top, length) = (x + QUIET_ZONE, y + QUIET_ZONE, run.len());
                path.push_str(&format!("M{left} {top}h{length}v1h-{length}z"));
            }
            x += run.len();
        }
    }
    Ok(Qr {
        size: width + 2 * QUIET_ZONE,
        path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the path back into modules.
    fn modules(qr: &Qr) -> Vec<Vec<bool>> {
        let mut modules = vec![vec![false; qr.size]; qr.size];
        for run in qr.path.split('M').skip(1) {
            let (left, rest) = run.split_once(' ').expect("x and y");
            let (top, rest) = rest.split_once('h').expect("a width");
            let (length, _) = rest.split_once('v').expect("a height");
            let number = |text: &str| text.parse::<usize>().expect("a number");
            let from = number(left);
            modules[number(top)][from..from + number(length)].fill(true);
        }
        modules
    }

    #[test]
    fn the_path_is_the_code_within_its_quiet_zone() {
        let text = "https://localhost:8443/";
        let qr = draw(text).expect("it fits");
        let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("it fits");
        let read = modules(&qr);
        assert_eq!(qr.size, code.width() + 8);
        for (y, row) in read.iter().enumerate() {
            for (x, dark) in row.iter().enumerate() {
                let inside = |at: usize| (4..qr.size - 4).contains(&at);
                let expected = inside(x) && inside(y) && code[(x - 4, y - 4)] == Color::Dark;
                assert_eq!(*dark, expected, "module {x},{y}");
            }
        }
    }

    #[test]
    fn an_address_too_long_for_a_code_is_refused() {
        let text = format!("https://localhost/{}", "a".repeat(5000));
        assert_eq!(draw(&text).expect_err("refused").code, "qr_too_long");
    }
}
