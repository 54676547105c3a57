//! From the settings to the editor's command line: which code-server, where it listens, where its files are.

use std::sync::Arc;

use arc_swap::ArcSwap;
use doorcode_logs::LogSink;
use doorcode_settings::{Paths, Problem, Settings};
use doorcode_supervisor::{Launch, Timing};

/// Answers the supervisor's question at each start, with the settings then in force; `launched` remembers which those were.
pub(crate) fn launcher(
    paths: Paths,
    settings: Arc<ArcSwap<Settings>>,
    launched: Arc<ArcSwap<Settings>>,
    log: LogSink,
) -> impl Fn() -> Result<Launch, Problem> + Send + Sync + 'static {
    move || {
        let settings = settings.load_full();
        let code_server = doorcode_install::find(
            &settings.editor.program,
            &paths.code_server_dir(),
            std::env::var_os("PATH").as_deref(),
        )
        .map_err(|error| Problem::from(&error))?;
        let folder = settings.editor.folder.clone();
        if !folder.is_dir() {
            return Err(Problem::new(
                "folder_missing",
                format!(
                    "the folder to open, {}, does not exist or is not a folder",
                    folder.display()
                ),
                "doorcode settings edit",
            ));
        }
        launched.store(settings.clone());
        Ok(Launch {
            code_server,
            folder,
            args: settings.editor.args.clone(),
            socket: paths.editor_socket(),
            record: paths.editor_record(),
            config: paths.editor_config(),
            user_data_dir: paths.editor_data_dir(),
            extensions_dir: paths.editor_data_dir().join("extensions"),
            disable_proxy: settings.ports.allow.is_empty(),
            log: log.clone(),
            log_path: paths.editor_log(),
            timing: Timing::default(),
        })
    }
}
