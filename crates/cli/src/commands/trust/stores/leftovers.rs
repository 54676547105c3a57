//! Roots in the stores that no certificate here belongs to.

use anstream::{eprint, eprintln, println};
use doorcode_actions::trust::remove_leftover;
use doorcode_trust::{CommandLine, Leftover};

use super::{blocking, on_host, person};
use crate::commands::trust::{ChangeArgs, StoresArgs};
use crate::context::Context;
use crate::failure::Failure;
use crate::output;
use crate::person::confirm;

/// Takes out what hosts that are gone have left behind, after saying what that is: it may be another machine's, when the
/// home folder is shared.
pub(in crate::commands::trust) async fn remove_leftovers(
    args: ChangeArgs,
    context: &Context,
) -> Result<u8, Failure> {
    let ChangeArgs { stores, yes } = args;
    let look = StoresArgs {
        host: None,
        store: stores.store,
        json: stores.json,
    };
    let mut found = on_host(&look, context, |trust, only| trust.report(only))
        .await?
        .leftovers;
    found.retain(|leftover| stores.host.as_ref().is_none_or(|host| leftover.host == *host));
    let (leftovers, others) = chosen(found, &look.store);
    eprint!("{}", told_as_shared(&others));
    if leftovers.is_empty() {
        let what = if others.is_empty() {
            "Nothing"
        } else {
            "Nothing else"
        };
        println!("{what} is left over.");
        return Ok(0);
    }
    eprintln!("{}", listed(&leftovers).trim_end());
    let host = stores.host.map(|host| host.to_string());
    let with_yes = command(
        &look.store,
        host.as_deref().map(|host| ["--host", host]),
        &["--yes"],
    );
    confirm(question(&leftovers), yes, &with_yes)?;
    let (paths, person) = (context.paths.clone(), person(yes, &look));
    let failed = blocking(move || {
        let out = |leftover: &Leftover| remove_leftover(&paths, &leftover.id, &leftover.nickname, &person);
        Ok(leftovers
            .iter()
            .filter_map(|leftover| out(leftover).err())
            .collect::<Vec<_>>())
    })
    .await?;
    failed.iter().for_each(output::warning);
    if failed.is_empty() {
        println!("They are gone.");
    }
    Ok(u8::from(!failed.is_empty()))
}

/// What a report's leftovers are, and what to do about them; nothing if there are none.
pub(super) fn told(leftovers: &[Leftover]) -> String {
    let (own, shared) = by_sharing(leftovers.to_vec());
    let mut text = String::new();
    if !own.is_empty() {
        text = format!(
            "Left over, from hosts that have no certificate here any more:\n{}  next: {}\n",
            listed(&own),
            command(&[], None, &[])
        );
    }
    text + &told_as_shared(&shared)
}

/// Those to take out, and those to leave: what may be another user's goes only if its store is named.
fn chosen(leftovers: Vec<Leftover>, named: &[String]) -> (Vec<Leftover>, Vec<Leftover>) {
    if named.is_empty() {
        by_sharing(leftovers)
    } else {
        (leftovers, Vec::new())
    }
}

/// Those in the person's own stores, and those in stores that other users of this machine have as well.
fn by_sharing(leftovers: Vec<Leftover>) -> (Vec<Leftover>, Vec<Leftover>) {
    leftovers
        .into_iter()
        .partition(|leftover| !leftover.store.is_shared())
}

fn told_as_shared(leftovers: &[Leftover]) -> String {
    if leftovers.is_empty() {
        return String::new();
    }
    let mut stores: Vec<String> = leftovers.iter().map(|leftover| leftover.id.to_string()).collect();
    stores.sort();
    stores.dedup();
    format!(
        "Left over, or another user's of this machine: no certificate of yours belongs to these, and all users share the \
         store.\n{}  next, if they are nobody's: {}\n",
        listed(leftovers),
        command(&stores, None, &[])
    )
}

fn question(leftovers: &[Leftover]) -> &'static str {
    if leftovers.iter().any(|leftover| leftover.store.is_shared()) {
        "Take these out? No certificate of yours belongs to them, but one of another user of this machine may, whose host is \
         then trusted no more."
    } else {
        "Take these out? No certificate here belongs to them, but with a shared home folder one elsewhere may."
    }
}

/// The command that takes leftovers out.
fn command(stores: &[String], host: Option<[&str; 2]>, more: &[&str]) -> String {
    let mut words = vec!["doorcode", "trust", "remove", "--leftovers"];
    words.extend(stores.iter().flat_map(|store| ["--store", store]));
    words.extend(host.into_iter().flatten().chain(more.iter().copied()));
    CommandLine(words.into_iter().map(str::to_owned).collect()).to_string()
}

fn listed(leftovers: &[Leftover]) -> String {
    leftovers
        .iter()
        .map(|leftover| {
            format!(
                "  {}: {} ({})\n",
                leftover.title, leftover.host, leftover.nickname
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use doorcode_trust::StoreId;

    use super::*;

    fn leftover(store: &str) -> Leftover {
        let id: StoreId = store.parse().expect("a store");
        Leftover {
            store: id.kind,
            id,
            title: store.to_uppercase(),
            nickname: format!("a root in {store}"),
            host: "my.dev.local".parse().expect("a host"),
            fingerprint: String::new(),
        }
    }

    fn ids(leftovers: &[Leftover]) -> Vec<String> {
        leftovers.iter().map(|one| one.id.to_string()).collect()
    }

    #[test]
    fn what_may_be_another_users_is_taken_out_only_if_its_store_is_named() {
        let all = || {
            ["chromium", "system", "firefox:abc.default", "p11-kit"]
                .map(leftover)
                .into()
        };
        let (out, left) = chosen(all(), &[]);
        assert_eq!(ids(&out), ["chromium", "firefox:abc.default"]);
        assert_eq!(ids(&left), ["system", "p11-kit"]);
        let (out, left) = chosen(vec![leftover("system")], &["system".to_owned()]);
        assert_eq!((ids(&out), left.len()), (vec!["system".to_owned()], 0));
    }

    #[test]
    fn a_report_says_which_may_be_another_users_and_how_to_name_them() {
        let text = told(&["system", "chromium", "system"].map(leftover));
        let (own, shared) = text.split_once("another user's").expect("both are told");
        assert!(
            own.contains("a root in chromium") && own.contains("next: doorcode trust remove --leftovers\n"),
            "{text}"
        );
        assert!(!own.contains("a root in system"), "{text}");
        assert!(
            shared.contains("a root in system")
                && shared.ends_with(": doorcode trust remove --leftovers --store system\n"),
            "{text}"
        );
        assert_eq!(told(&[]), "");
    }

    #[test]
    fn the_question_names_the_other_users_where_there_may_be_some() {
        assert!(question(&["chromium", "system"].map(leftover)).contains("another user of this machine"));
        assert!(!question(&[leftover("chromium")]).contains("another user"));
        let stores = ["system".to_owned()];
        assert_eq!(
            command(&stores, Some(["--host", "::1"]), &["--yes"]),
            "doorcode trust remove --leftovers --store system --host ::1 --yes"
        );
    }
}
