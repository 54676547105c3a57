//! The desktop adapter: a tray, a window, and the engine behind them.

use std::process::ExitCode;

/// Runs the application until the person quits.
pub fn run() -> ExitCode {
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![snapshot])
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            app.run(|_, event| {
                if let tauri::RunEvent::ExitRequested { api, code: None, .. } = event {
                    api.prevent_exit();
                }
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("doorcode-desktop: {error}");
            ExitCode::from(2)
        }
    }
}

#[tauri::command]
fn snapshot() -> u8 {
    0
}
