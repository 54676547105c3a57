//! `doorcode metrics`: the figures as Prometheus reads them.

use std::io::Write;

use doorcode_engine::{Reply, Request};
use doorcode_settings::Problem;

use crate::context::{Context, unexpected};
use crate::failure::Failure;

pub(crate) async fn run(context: &Context) -> Result<u8, Failure> {
    let Reply::Metrics { text } = context.ask(&Request::Metrics).await? else {
        return Err(unexpected().into());
    };
    let written = std::io::stdout().write_all(text.as_bytes());
    written.map_err(|error| {
        Problem::new(
            "output_not_written",
            format!("cannot write the metrics to standard output: {error}"),
            "doorcode metrics",
        )
    })?;
    Ok(0)
}
