//! `doorcode-desktop`, the program.

fn main() -> std::process::ExitCode {
    doorcode_desktop::run()
}
