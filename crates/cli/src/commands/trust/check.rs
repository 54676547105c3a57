//! `doorcode trust check`: the person's own browser, checked by a page that opens in it.

use std::time::Duration;

use anstream::{eprintln, println};
use clap::Args;
use doorcode_actions::{control, open};
use doorcode_engine::{CheckResult, Client, ClientError, Reply, Request};
use doorcode_gateway::CheckState;
use doorcode_settings::{HostName, Problem};

use crate::args::Json;
use crate::context::{Context, unexpected};
use crate::failure::Failure;
use crate::output::{self, BAD, GOOD};

/// How long the page can be opened.
const SECONDS: u64 = 600;
/// Between looks at how far it is.
const PAUSE: Duration = Duration::from_millis(300);

#[derive(Args)]
#[command(
    after_help = "Example: doorcode trust check\nExample: doorcode trust check --print, to open it in another browser"
)]
pub(crate) struct CheckArgs {
    /// The host; the first configured one if none is named.
    #[arg(long, value_name = "HOST")]
    host: Option<HostName>,
    /// Print the page's address instead of opening it; it works once, within 10 minutes.
    #[arg(long)]
    print: bool,
    #[command(flatten)]
    json: Json,
}

/// Opens the page and waits for its report; exit status 1 if the browser does not pass.
pub(super) async fn run(args: CheckArgs, context: &Context) -> Result<u8, Failure> {
    let mut client = context
        .engine()
        .await?
        .ok_or_else(|| Problem::from(&ClientError::NotRunning))?;
    let request = Request::CheckBegin {
        host: args.host,
        seconds: SECONDS,
    };
    let Reply::Check { id, url } = control::ask_over(&mut client, &request).await? else {
        return Err(unexpected().into());
    };
    if args.print || !open::has_display() {
        eprintln!("Open this in the browser to be checked, within 10 minutes; it works once:");
        eprintln!("{url}");
    } else {
        open::open_in_browser(&context.paths, &url).await?;
        eprintln!("The check opens in the browser.");
    }
    let result = loop {
        let result = look(&mut client, &id).await?;
        match result.state {
            CheckState::Waiting | CheckState::Opened => tokio::time::sleep(PAUSE).await,
            _ => break result,
        }
    };
    match args.json.json {
        true => output::json(&result)?,
        false => print(&result),
    }
    Ok(u8::from(result.state != CheckState::Passed))
}

/// How far the check `id` is.
pub(super) async fn look(client: &mut Client, id: &str) -> Result<CheckResult, Failure> {
    match control::ask_over(client, &Request::CheckResult { id: id.to_owned() }).await? {
        Reply::CheckResult(result) => Ok(*result),
        _ => Err(unexpected().into()),
    }
}

/// What a check that is over found out.
pub(super) fn print(result: &CheckResult) {
    if let (CheckState::Passed, Some(device)) = (result.state, &result.device) {
        let (name, host) = (&device.name, &result.host);
        match result.tests.iter().find(|test| !test.detail.is_empty()) {
            None => println!("{GOOD}{name} trusts {host}.{GOOD:#}"),
            Some(unsure) => println!(
                "{GOOD}All of the editor works in {name}.{GOOD:#} Whether it trusts {host} is not sure: {}.",
                unsure.detail
            ),
        }
    }
    for test in result.tests.iter().filter(|test| !test.passed) {
        let name = serde_json::to_value(test.id).unwrap_or_default();
        println!(
            "{BAD}{}{BAD:#}: {}",
            name.as_str().unwrap_or_default(),
            test.detail
        );
    }
    result.problem.iter().for_each(output::warning);
}
