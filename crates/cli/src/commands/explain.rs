//! `doorcode explain`: what a code means.

use anstream::println;
use clap::Args;
use doorcode_actions::explain;
use doorcode_settings::Explanation;
use serde_json::{Value, json};

use crate::args::Json;
use crate::failure::Failure;
use crate::output::{self, DIM, GOOD};
use crate::paragraph::{self, paragraph};

const NEXT: &str = "  next  ";

#[derive(Args)]
#[command(after_help = "Example: doorcode explain trusted_proxy_user_not_allowed")]
pub(crate) struct ExplainArgs {
    /// A code from a log, a status, the doctor or the audit; lists all of them when left out.
    code: Option<String>,
    #[command(flatten)]
    json: Json,
}

pub(crate) fn run(args: &ExplainArgs) -> Result<u8, Failure> {
    let Some(code) = &args.code else {
        return list(args.json);
    };
    let one = explain::explanation(code).ok_or_else(|| explain::unknown(code))?;
    if args.json.json {
        output::json(&value(one))?;
        return Ok(0);
    }
    println!("{GOOD}{}{GOOD:#} {DIM}[{code}]{DIM:#}", one.title);
    let width = paragraph::width();
    println!("{}", paragraph(one.cause, 0, width));
    println!("{NEXT}{}", paragraph(one.remedy, NEXT.len(), width));
    Ok(0)
}

fn list(json: Json) -> Result<u8, Failure> {
    let mut all: Vec<&Explanation> = explain::all().collect();
    all.sort_by_key(|one| one.code);
    if json.json {
        output::json(&all.into_iter().map(value).collect::<Vec<_>>())?;
    } else {
        let rows: Vec<_> = all
            .iter()
            .map(|one| vec![one.code.to_owned(), one.title.to_owned()])
            .collect();
        anstream::print!("{}", output::table(&["code", "what it is"], &rows));
    }
    Ok(0)
}

fn value(one: &Explanation) -> Value {
    let Explanation {
        code,
        title,
        cause,
        remedy,
    } = one;
    json!({ "code": code, "title": title, "cause": cause, "remedy": remedy })
}
