//! What each operation does and gives, and that it touches nothing else.

use std::fs;
use std::os::unix::fs::symlink;

use doorcode_settings::Problem;
use time::Duration;

use super::{Fixture, mode, named, set_mode};
use crate::error::CertError;
use crate::store::Outcome;

#[test]
fn files_are_named_after_the_host_and_private() {
    for (host, stem) in [
        ("my.dev.local", "my_dev_local"),
        ("192.168.77.10", "192_168_77_10"),
        ("fe80::1", "fe80__1"),
        ("localhost", "localhost"),
    ] {
        let fixture = Fixture::empty(host);
        fixture.ensure();
        let (cert, key) = (
            fixture.dir().join(format!("{stem}.crt")),
            fixture.dir().join(format!("{stem}.key")),
        );
        assert_eq!(
            (mode(&cert), mode(&key), mode(fixture.dir())),
            (0o600, 0o600, 0o700)
        );
        let key = fs::read_to_string(key).expect("text");
        assert_eq!(key.matches("BEGIN").count(), 1, "one key, the leaf's");
    }
}

#[test]
fn a_valid_pair_is_reused_unchanged() {
    let fixture = Fixture::issued();
    let before = fixture.files();
    let ensured = fixture.ensure();
    assert_eq!(ensured.outcome, Outcome::Reused);
    assert!(ensured.warnings.is_empty());
    assert_eq!(fixture.files(), before);
    assert_eq!(ensured.pair.chain.len(), 1, "only the leaf is served");
    ensured.pair.certified_key().expect("rustls takes it");
}

#[test]
fn the_last_thirty_days_are_announced_and_only_they_renew() {
    // Validity runs for 823 days from the moment of issuing.
    let early = Fixture::aged(Duration::days(792));
    assert!(early.ensure().warnings.is_empty());
    let before = early.files();
    let error = early.store.renew(&early.host, false).expect_err("it is not due");
    assert!(
        matches!(error, CertError::NotDue { days_left: 30, .. }),
        "{error}"
    );
    assert_eq!(early.files(), before);
    assert!(
        early
            .store
            .renew(&early.host, true)
            .expect("forced")
            .backup
            .is_some()
    );

    let due = Fixture::aged(Duration::days(794));
    let ensured = due.ensure();
    assert_eq!(ensured.outcome, Outcome::Reused, "it is served to its end");
    assert_eq!(ensured.pair.info.days_left, 28);
    assert_eq!(ensured.warnings[0].code, "certificate_due");
    assert_eq!(ensured.warnings[0].fix, "doorcode cert renew my.dev.local");
    let renewed = due.store.renew(&due.host, false).expect("it is due");
    assert_eq!(renewed.certificate.days_left, 822);
    assert_ne!(renewed.certificate.fingerprint, ensured.pair.info.fingerprint);

    let expired = Fixture::aged(Duration::days(900));
    expired.store.renew(&expired.host, false).expect("more than due");
}

#[test]
fn issuing_twice_in_a_second_keeps_every_old_pair() {
    let fixture = Fixture::issued();
    for _ in 0..5 {
        fixture.store.issue(&fixture.host).expect("issued");
    }
    let kept = fixture
        .files()
        .into_iter()
        .filter(|(path, _)| path.to_string_lossy().contains(".crt.bak-"));
    assert_eq!(kept.count(), 5);
}

#[test]
fn issuing_moves_a_link_aside_without_following_it() {
    let fixture = Fixture::issued();
    let target = fixture.dir().join("elsewhere");
    fs::write(&target, "mine").expect("written");
    set_mode(&target, 0o644);
    fs::remove_file(&fixture.key).expect("removed");
    symlink(&target, &fixture.key).expect("linked");
    fixture.store.issue(&fixture.host).expect("issued");
    assert_eq!(
        (fs::read(&target).expect("there"), mode(&target)),
        (b"mine".to_vec(), 0o644)
    );
    assert_eq!(fixture.ensure().outcome, Outcome::Reused);
}

#[test]
fn a_failed_replacement_leaves_the_old_pair_in_force() {
    let fixture = Fixture::issued();
    let before = fixture.ensure().pair.info.fingerprint;
    // No file can be renamed over a folder that is not empty.
    let staged = fixture.dir().join(".my_dev_local.crt.new");
    fs::create_dir_all(staged.join("inside")).expect("created");
    fixture
        .store
        .issue(&fixture.host)
        .expect_err("there is no place to write");
    assert_eq!(fixture.ensure().pair.info.fingerprint, before);
    assert!(
        !fixture.dir().join(".my_dev_local.key.new").exists(),
        "no unused key is left"
    );
}

#[test]
fn wherever_a_replacement_is_cut_off_a_good_pair_follows() {
    let fresh = Fixture::issued();
    let steps: [&dyn Fn(&Fixture); 3] = [
        &|fixture| fs::rename(&fixture.cert, fixture.dir().join("my_dev_local.crt.bak-1")).expect("moved"),
        &|fixture| fs::rename(&fixture.key, fixture.dir().join("my_dev_local.key.bak-1")).expect("moved"),
        &|fixture| fs::rename(&fresh.key, &fixture.key).expect("moved"),
    ];
    for cut in 1..=steps.len() {
        let fixture = Fixture::issued();
        steps[..cut].iter().for_each(|step| step(&fixture));
        fixture
            .ensure()
            .pair
            .certified_key()
            .expect("certificate and key belong together");
        assert_eq!(fixture.ensure().outcome, Outcome::Reused);
    }
}

#[test]
fn a_file_of_another_host_is_never_touched() {
    let (address, name) = ("a:b:c:d:e:f:1:f", named("a.b.c.d.e.f.1.f"));
    let fixture = Fixture::empty(address);
    assert_eq!(name.file_stem(), fixture.host.file_stem());
    fixture.ensure();
    let before = fixture.files();
    for result in [
        fixture.store.ensure(&name).map(drop),
        fixture.store.show(&name).map(drop),
        fixture.store.issue(&name).map(drop),
        fixture.store.renew(&name, true).map(drop),
        fixture.store.remove(&name).map(drop),
    ] {
        let problem = Problem::from(&result.expect_err("it is the address's"));
        assert_eq!(problem.code, "host_file_taken");
        assert!(problem.message.contains(address), "{problem}");
        assert!(
            problem.fix.contains(&format!("doorcode cert remove {address}")),
            "{problem}"
        );
    }
    assert_eq!(fixture.files(), before);
}

#[test]
fn a_pair_under_a_wrong_name_is_refused_with_a_way_out() {
    let (fixture, other) = (Fixture::issued(), Fixture::empty("other.local"));
    other.ensure();
    fs::copy(&other.cert, &fixture.cert).expect("copied");
    fs::copy(&other.key, &fixture.key).expect("copied");
    let problem = fixture.assert_refused("host_file_taken");
    assert!(problem.fix.starts_with("mv "), "{problem}");
    let listed = fixture.store.list().expect("a list");
    assert!(
        matches!(&listed[..], [Err(broken)] if broken.stem == "my_dev_local"),
        "{listed:?}"
    );
}

#[test]
fn the_list_has_every_pair_good_or_bad() {
    let fixture = Fixture::issued();
    for host in ["localhost", "fe80::1"] {
        fixture.store.ensure(&named(host)).expect("issued");
    }
    fixture.store.issue(&fixture.host).expect("issued, with a backup");
    fs::write(fixture.dir().join("lone.key"), "prose").expect("written");
    let listed: Vec<String> = fixture
        .store
        .list()
        .expect("a list")
        .into_iter()
        .map(|entry| match entry {
            Ok(certificate) => certificate.host.to_string(),
            Err(broken) => format!("broken: {}", broken.stem),
        })
        .collect();
    assert_eq!(listed, ["fe80::1", "localhost", "broken: lone", "my.dev.local"]);
}

#[test]
fn looking_tells_what_listing_tells_and_changes_nothing() {
    let fixture = Fixture::issued();
    let lock = fixture.dir().join(".lock");
    set_mode(fixture.dir(), 0o755);
    for has_lock in [true, false] {
        if !has_lock {
            fs::remove_file(&lock).expect("there was one");
        }
        let seen = fixture.store.look().expect("a list");
        assert!(
            matches!(&seen[..], [Ok(seen)] if seen.host == fixture.host),
            "{seen:?}"
        );
        assert_eq!((mode(fixture.dir()), lock.exists()), (0o755, has_lock));
    }
}

#[test]
fn removing_leaves_nothing_of_the_host_and_everything_of_the_others() {
    let fixture = Fixture::issued();
    let other = named("my.dev.local.too");
    fixture.store.ensure(&other).expect("another host");
    fixture.store.issue(&fixture.host).expect("issued, with a backup");
    let removed = fixture.store.remove(&fixture.host).expect("removed");
    assert_eq!(removed.len(), 4, "{removed:?}");
    let left = fixture.store.list().expect("a list");
    assert!(matches!(&left[..], [Ok(left)] if left.host == other), "{left:?}");
    assert!(
        !fixture
            .files()
            .iter()
            .any(|(path, _)| path.to_string_lossy().contains("my_dev_local."))
    );
    let error = fixture.store.remove(&fixture.host).expect_err("it is gone");
    assert_eq!(Problem::from(&error).code, "certificate_missing");
}

#[test]
fn asking_after_a_host_that_has_none_creates_nothing() {
    let fixture = Fixture::empty("localhost");
    assert!(fixture.store.list().expect("an empty list").is_empty());
    for result in [
        fixture.store.show(&fixture.host).map(drop),
        fixture.store.export(&fixture.host).map(drop),
        fixture.store.renew(&fixture.host, true).map(drop),
        fixture.store.remove(&fixture.host).map(drop),
    ] {
        let problem = Problem::from(&result.expect_err("there is none"));
        assert_eq!(problem.code, "certificate_missing");
        assert_eq!(problem.fix, "doorcode cert issue localhost");
    }
    assert!(!fixture.dir().exists());
}

#[test]
fn the_export_is_the_root_and_nothing_else() {
    let fixture = Fixture::issued();
    let text = fixture.store.export(&fixture.host).expect("exported");
    let file = fs::read_to_string(&fixture.cert).expect("there");
    assert!(file.ends_with(&text), "the second block of the file");
    assert_eq!(text.matches("BEGIN").count(), 1);
}

#[test]
fn parallel_callers_agree_on_one_pair() {
    let fixture = Fixture::empty("localhost");
    let fingerprints: Vec<String> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| fixture.ensure().pair.info.fingerprint))
            .collect();
        callers
            .into_iter()
            .map(|caller| caller.join().expect("it ends"))
            .collect()
    });
    assert!(
        fingerprints
            .iter()
            .all(|fingerprint| *fingerprint == fingerprints[0])
    );
}

#[test]
fn what_is_shown_serializes_with_dates_people_and_programs_read() {
    let certificate = Fixture::issued().ensure().pair.info;
    let json = serde_json::to_value(&certificate).expect("JSON");
    let end = json["not_after"].as_str().expect("a text");
    assert!(end.ends_with('Z') && end.contains('T'), "{end}");
    assert_eq!(json["host"], "my.dev.local");
    assert_eq!(json["fingerprint"].as_str().expect("a text").len(), 95);
    assert_eq!(json["self_signed"], true);
}
