//! `doorcode recipe`: ready configuration for what stands in front of the door.

use std::path::PathBuf;

use anstream::print;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use doorcode_recipes::{AuthService, Format, Options, Recipe};
use doorcode_settings::trusted_proxy::PublicUrl;
use ipnet::IpNet;

use crate::context::Context;
use crate::failure::Failure;

#[derive(Args)]
#[command(
    after_help = "Example: doorcode recipe caddy > /etc/caddy/doorcode.caddy\n         \
                        doorcode recipe nginx --public-url https://code.example.com --allow you@example.com\n\
                        The options say what the settings do not; --settings-table prints the settings that belong to it."
)]
pub(crate) struct RecipeArgs {
    /// What stands in front.
    #[arg(value_parser = named())]
    recipe: Recipe,
    /// The https address that browsers use [default: as in the settings].
    #[arg(long, value_name = "URL")]
    public_url: Option<PublicUrl>,
    /// Who may come in; can be given more than once, "*" is everyone [default: as in the settings].
    #[arg(long, value_name = "USER")]
    allow: Vec<String>,
    /// An address or range that the proxy connects from; can be given more than once [default: as in the settings].
    #[arg(long, value_name = "ADDRESS", value_parser = address)]
    proxy: Vec<IpNet>,
    /// oauth2-proxy, or a service that answers like it, for the proxies that ask one.
    #[arg(long, value_name = "URL", default_value_t)]
    auth_url: AuthService,
    /// How Traefik is told.
    #[arg(long, value_enum, default_value = "file")]
    format: Form,
    /// The folder on the proxy's machine for its files: the door's root, its own certificate, the proof.
    #[arg(long, value_name = "FOLDER", default_value = "/etc/doorcode")]
    files: PathBuf,
    /// Print only what belongs into settings.toml.
    #[arg(long)]
    settings_table: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// A file for the file provider.
    File,
    /// Labels of the door's container.
    Labels,
}

fn named() -> impl TypedValueParser<Value = Recipe> {
    PossibleValuesParser::new(Recipe::ALL.map(Recipe::as_str)).map(|word| {
        Recipe::ALL
            .into_iter()
            .find(|recipe| recipe.as_str() == word)
            .expect("clap takes the words of these recipes only")
    })
}

fn address(text: &str) -> Result<IpNet, String> {
    text.parse()
        .or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from))
        .map_err(|_| "give an IP address, or a range such as 10.0.0.0/24".to_owned())
}

pub(crate) fn run(args: RecipeArgs, context: &Context) -> Result<u8, Failure> {
    let settings = context.settings()?;
    let options = Options {
        public_url: args.public_url,
        allow_users: args.allow,
        proxies: args.proxy,
        auth_service: args.auth_url,
        format: match args.format {
            Form::File => Format::File,
            Form::Labels => Format::Labels,
        },
        files: args.files,
        secret_file: context.paths.proxy_secret_file(),
    };
    let file = &context.paths.settings_file;
    let written = doorcode_recipes::write(args.recipe, &settings, file, &options)?;
    print!(
        "{}",
        if args.settings_table {
            written.table
        } else {
            written.text
        }
    );
    Ok(0)
}
