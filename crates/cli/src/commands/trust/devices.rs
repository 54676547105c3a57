//! `doorcode trust devices`: the phones, tablets and browsers that were checked.

use std::net::IpAddr;

use anstream::{print, println};
use clap::Args;
use doorcode_actions::devices;
use doorcode_engine::{Device, DeviceTrust};
use doorcode_settings::HostName;

use super::add;
use crate::args::Json;
use crate::context::Context;
use crate::failure::Failure;
use crate::output;

#[derive(Args)]
#[command(
    after_help = "Example: doorcode trust devices\nExample: doorcode trust devices --add --host 192.168.1.10"
)]
pub(crate) struct DevicesArgs {
    /// Have another device trust a host: a code to scan leads it to the certificate, the steps, and the check.
    #[arg(long)]
    add: bool,
    /// The host that the device is to trust; the first configured one if none is named.
    #[arg(long, value_name = "HOST", requires = "add")]
    host: Option<HostName>,
    /// Offer the page at this address of this machine.
    #[arg(long, value_name = "IP", requires = "add")]
    address: Option<IpAddr>,
    /// Forget the device with this id; it goes on trusting the host.
    #[arg(long, value_name = "ID", conflicts_with = "add")]
    forget: Option<String>,
    #[command(flatten)]
    json: Json,
}

pub(super) async fn run(args: DevicesArgs, context: &Context) -> Result<u8, Failure> {
    if args.add {
        return add::run(args.host, args.address, args.json.json, context).await;
    }
    if let Some(id) = args.forget {
        devices::forget(&context.paths, &id).await?;
        println!("Forgotten.");
        return Ok(0);
    }
    let devices = devices::list(&context.paths).await?;
    match args.json.json {
        true => output::json(&devices)?,
        false if devices.is_empty() => {
            println!(
                "No device has been checked yet: doorcode trust check, or doorcode trust devices --add."
            );
        }
        false => {
            let rows: Vec<Vec<String>> = devices.iter().map(row).collect();
            let heading = ["id", "device", "from", "host", "checked", "trust"];
            print!("{}", output::table(&heading, &rows));
        }
    }
    Ok(u8::from(
        devices.iter().any(|device| device.trust == DeviceTrust::Lost),
    ))
}

fn row(device: &Device) -> Vec<String> {
    let proof = &device.proof;
    vec![
        proof.id.clone(),
        proof.name.clone(),
        proof.client.clone(),
        proof.host.to_string(),
        output::moment(proof.verified_at),
        match device.trust {
            DeviceTrust::Proven => "trusted",
            DeviceTrust::Unproven => "works, trust not proven",
            DeviceTrust::Lost => "lost: the certificate has changed",
        }
        .to_owned(),
    ]
}
