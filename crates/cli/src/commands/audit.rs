//! `doorcode audit`: what is less safe than it could be.

use anstream::{eprintln, println};
use anstyle::Style;
use clap::Args;
use doorcode_actions::audit::{self, Mended};
use doorcode_audit::{Finding, RULES, Report, Severity};
use serde::Serialize;

use crate::args::Json;
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, BAD, DIM, GOOD, WARN};

#[derive(Args)]
#[command(after_help = "\
Examples:
  doorcode audit                     what is found, the worst first
  doorcode audit --fix               tighten the modes of Doorcode's own files and folders
  doorcode audit --deep --json       try attacks on the running door; for programs

Looking changes nothing. `doorcode explain ID` says what a finding means.")]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    json: Json,
    /// Tighten what locks nobody out: the modes of Doorcode's own files and folders. No link is followed.
    #[arg(long)]
    fix: bool,
    /// Try attacks on the running door: forged headers, foreign pages, ways around it. Signs in for the length of it.
    #[arg(long)]
    deep: bool,
}

/// The report, and with `--fix` what was done.
#[derive(Serialize)]
struct Printed<'a> {
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    fixed: Option<&'a [Mended]>,
}

pub(crate) async fn run(args: AuditArgs, context: &Context) -> Result<u8, Failure> {
    let paths = &context.paths;
    let AuditArgs { json, fix, deep } = args;
    let mended = match fix {
        true => Some(audit::mend(&audit::audit(paths, false).await?)),
        false => None,
    };
    let report = audit::audit(paths, deep).await?;
    if json.json {
        output::json(&Printed {
            report: &report,
            fixed: mended.as_deref(),
        })?;
    } else {
        mended.iter().for_each(|mended| tell_mended(mended));
        tell(&report, fix);
    }
    Ok(report.exit_code())
}

fn tell_mended(mended: &[Mended]) {
    if mended.is_empty() {
        println!("Nothing to fix: no mode of Doorcode's own files and folders is too wide.\n");
        return;
    }
    for Mended { path, what, done } in mended {
        let style = if *done { GOOD } else { WARN };
        let word = if *done { "fixed" } else { "not fixed" };
        println!("{style}{word:<9}{style:#} {path}: {what}");
    }
    println!();
}

fn tell(report: &Report, fixed: bool) {
    if report.findings.is_empty() {
        println!(
            "{GOOD}Nothing found.{GOOD:#} {} rules were looked at.",
            RULES.len()
        );
        return;
    }
    for severe in report
        .findings
        .chunk_by(|one, next| one.severity == next.severity)
    {
        let (style, word) = heading(severe[0].severity);
        println!("{style}{word}{style:#}");
        severe
            .chunk_by(|one, next| one.check_id == next.check_id)
            .for_each(tell_findings);
    }
    let summary = report.summary;
    println!(
        "{} critical, {} to improve, {} to know. What one of them means: doorcode explain {}",
        summary.critical, summary.warn, summary.info, report.findings[0].check_id
    );
    let fixable = report.findings.iter().filter(|finding| finding.fixable).count();
    if fixable > 0 && !fixed {
        eprintln!("doorcode audit --fix mends {fixable} of them.");
    }
}

/// Those of one rule; what to do is said once where it is the same.
fn tell_findings(findings: &[Finding]) {
    let first = &findings[0];
    println!("  {} {DIM}[{}]{DIM:#}", first.title, first.check_id);
    let alike = findings.iter().all(|one| one.remediation == first.remediation);
    for finding in findings {
        println!("    {}", finding.detail);
        if let (false, Some(next)) = (alike, &finding.remediation) {
            println!("    next: {next}");
        }
    }
    if let (true, Some(next)) = (alike, &first.remediation) {
        println!("    next: {next}");
    }
    println!();
}

fn heading(severity: Severity) -> (Style, &'static str) {
    match severity {
        Severity::Critical => (BAD, "Critical"),
        Severity::Warn => (WARN, "To improve"),
        Severity::Info => (DIM, "To know"),
    }
}
