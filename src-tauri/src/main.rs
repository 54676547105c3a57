//! `doorcode-desktop`.

fn main() -> std::process::ExitCode {
    doorcode_desktop::run()
}
