//! `doorcode open`: the browser, already signed in.

use std::path::PathBuf;

use anstream::println;
use clap::Args;
use doorcode_actions::open;
use doorcode_actions::trust::default_browser_warning;
use doorcode_engine::ClientError;
use doorcode_settings::{HostName, Problem};

use crate::context::Context;
use crate::failure::Failure;
use crate::output;

#[derive(Args)]
#[command(after_help = "Example: doorcode open ~/code\nExample: doorcode open --print | qrencode -t utf8")]
pub(crate) struct OpenArgs {
    /// The folder to open; the configured one if none is named.
    folder: Option<PathBuf>,
    /// Open this host's address.
    #[arg(long, value_name = "HOST")]
    host: Option<HostName>,
    /// Only print the link: it signs in once, within 60 seconds.
    #[arg(long)]
    print: bool,
}

pub(crate) async fn run(args: OpenArgs, context: &Context) -> Result<u8, Failure> {
    let to = match &args.folder {
        Some(folder) => open::folder_path(folder)?,
        None => "/".to_owned(),
    };
    let mut client = context
        .engine()
        .await?
        .ok_or_else(|| Problem::from(&ClientError::NotRunning))?;
    let url = open::link(&mut client, args.host.clone(), to, open::LINK_SECONDS).await?;
    if args.print {
        println!("{url}");
        return Ok(0);
    }
    if !open::has_display() {
        println!(
            "There is no display here. Open this; a link that signs in does so once, within 60 seconds:"
        );
        println!("{url}");
        return Ok(0);
    }
    if let Some(warning) = default_browser_warning(&context.paths, args.host).await {
        output::warning(&warning);
    }
    open::open_in_browser(&context.paths, &url).await?;
    println!("Opened in the browser.");
    Ok(0)
}
