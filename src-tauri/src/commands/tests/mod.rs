//! The commands as the window calls them: through Tauri's own dispatch, with the capability that is compiled in.

mod allowed;
mod with_engine;
mod without_engine;

use doorcode_settings::Paths;
use serde_json::Value as Json;
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{INVOKE_KEY, MockRuntime, mock_builder};
use tauri::webview::InvokeRequest;
use tauri::{App, Manager, WebviewWindow, WebviewWindowBuilder};
use tempfile::TempDir;

use crate::engine_link::EngineLink;
use crate::testing::{log, paths_in};
use crate::window;

/// The application without a display, in a home of its own; no engine runs until [`EngineLink::begin`].
struct Desk {
    // Before the home, which must outlive what writes into it.
    app: App<MockRuntime>,
    window: WebviewWindow<MockRuntime>,
    paths: Paths,
    _home: TempDir,
}

impl Desk {
    /// With these settings.
    fn new(settings: &str) -> Desk {
        let home = tempfile::tempdir().expect("a temporary folder");
        let paths = paths_in(home.path());
        paths.create().expect("the folders can be made");
        std::fs::write(&paths.settings_file, settings).expect("written");
        let runtime = tauri::async_runtime::handle().inner().clone();
        let link = EngineLink::new(runtime, paths.clone(), log());
        let app = mock_builder()
            .manage(link)
            .invoke_handler(super::handler())
            .build(crate::app::context())
            .expect("an application without a display");
        super::prepare(app.handle(), &paths);
        app.manage(window::talk_to_itself(app.handle()));
        let window = WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default())
            .build()
            .expect("a window without a display");
        Desk {
            app,
            window,
            paths,
            _home: home,
        }
    }

    fn link(&self) -> EngineLink {
        self.app.state::<EngineLink>().inner().clone()
    }

    /// Calls a command as the page does.
    fn call(&self, command: &str, arguments: Json) -> Result<Json, Json> {
        self.call_from("tauri://localhost", command, arguments)
    }

    fn call_from(&self, page: &str, command: &str, arguments: Json) -> Result<Json, Json> {
        let request = InvokeRequest {
            cmd: command.to_owned(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: page.parse().expect("an address"),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::new(),
            invoke_key: INVOKE_KEY.to_owned(),
        };
        tauri::test::get_ipc_response(&self.window, request)
            .map(|body| body.deserialize().expect("commands answer in JSON"))
    }

    /// Calls a command that is to work.
    fn ask(&self, command: &str, arguments: Json) -> Json {
        self.call(command, arguments)
            .unwrap_or_else(|problem| panic!("{command}: {problem}"))
    }

    /// The code of the problem that a command ends with.
    fn refusal(&self, command: &str, arguments: Json) -> String {
        let problem = self.call(command, arguments).expect_err("to be refused");
        let code = problem["code"].as_str();
        code.unwrap_or_else(|| panic!("{command} ended without a code: {problem}"))
            .to_owned()
    }
}
