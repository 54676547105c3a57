//! The password without a keyring.

#![allow(clippy::unwrap_used, reason = "a test fails where it stands")]

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use doorcode_settings::{Kept, Password, PasswordError, PasswordRefused, PasswordStore, Paths, Problem};

struct Home {
    _folder: tempfile::TempDir,
    paths: Paths,
    store: PasswordStore,
}

fn home() -> Home {
    let folder = tempfile::tempdir().unwrap();
    let [settings_file, data_dir, state_dir, runtime_dir] =
        ["settings.toml", "data", "state", "run"].map(|name| folder.path().join(name));
    let paths = Paths {
        settings_file,
        data_dir,
        state_dir,
        runtime_dir,
    };
    paths.create().unwrap();
    let store = PasswordStore::without_keyring(&paths);
    Home {
        _folder: folder,
        paths,
        store,
    }
}

fn password(text: &str) -> Password {
    Password::parse(text.into()).unwrap()
}

#[test]
fn generated_passwords_are_long_readable_and_never_the_same() {
    let made: HashSet<String> = (0..100)
        .map(|_| Password::generate().expose().to_owned())
        .collect();
    assert_eq!(made.len(), 100);
    for text in &made {
        let groups: Vec<&str> = text.split('-').collect();
        assert!(
            groups.len() == 6 && groups.iter().all(|group| group.len() == 4),
            "{text}"
        );
        assert!(!text.contains(['i', 'l', 'o', 'u']), "{text} can be misread");
        assert!(Password::parse(text.clone()).is_ok());
    }
}

#[test]
fn a_persons_own_password_has_a_few_rules() {
    let refusal = |text: &str| Password::parse(text.into()).expect_err(text);
    assert_eq!(refusal("short12"), PasswordRefused::TooShort);
    assert_eq!(refusal("äöüäöüä"), PasswordRefused::TooShort);
    assert_eq!(refusal(&"a".repeat(1025)), PasswordRefused::TooLong);
    assert_eq!(refusal("12345678\n"), PasswordRefused::ControlCharacter);
    assert_eq!(refusal("1234\u{0}5678"), PasswordRefused::ControlCharacter);
    assert_eq!(password("äöüäöüäö").expose(), "äöüäöüäö");
    assert_eq!(password(&"a".repeat(1024)).expose().len(), 1024);
    assert_eq!(Problem::from(&PasswordRefused::TooShort).code, "password_refused");
}

#[test]
fn the_first_use_makes_one_and_keeps_only_its_hash() {
    let home = home();
    assert!(matches!(home.store.show(), Err(PasswordError::NotSet)));
    let first = home.store.ensure().unwrap();
    let generated = first.generated.as_ref().expect("made on first use");
    assert_eq!(first.kept, Kept::HashFile);
    assert!(first.verifier.is_slow() && first.verifier.verify(generated.expose()));
    assert!(!first.verifier.verify("") && !first.verifier.verify("something else"));
    assert!(
        !format!("{first:?}").contains(generated.expose()),
        "not even Debug shows it"
    );

    let file = home.paths.password_hash_file();
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let kept = fs::read_to_string(&file).unwrap();
    assert!(
        kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !kept.contains(generated.expose()),
        "{kept}"
    );

    let second = home.store.ensure().unwrap();
    assert!(second.generated.is_none() && second.verifier.verify(generated.expose()));
    let problem = Problem::from(&home.store.show().expect_err("only the hash is kept"));
    assert_eq!(problem.code, "password_not_shown");
    assert!(problem.fix.contains("doorcode password reset"), "{problem}");
}

#[test]
fn set_and_reset_replace_it() {
    let home = home();
    assert_eq!(
        home.store.set(password("my own password")).unwrap(),
        Kept::HashFile
    );
    let verifier = home.store.ensure().unwrap().verifier;
    assert!(verifier.verify("my own password"));
    let (new, _) = home.store.reset().unwrap();
    let verifier = home.store.ensure().unwrap().verifier;
    assert!(verifier.verify(new.expose()) && !verifier.verify("my own password"));
}

#[test]
fn an_overlong_candidate_costs_nothing() {
    let home = home();
    home.store.set(password(&"a".repeat(1024))).unwrap();
    let verifier = home.store.ensure().unwrap().verifier;
    assert!(verifier.verify(&"a".repeat(1024)));
    assert!(!verifier.verify(&"a".repeat(10_000_000)));
}

#[test]
fn a_hash_that_cannot_be_trusted_is_an_error_and_stays() {
    let home = home();
    let file = home.paths.password_hash_file();
    let generated = home.store.ensure().unwrap().generated.unwrap();
    let good = fs::read_to_string(&file).unwrap();
    for bad in [
        "".to_owned(),
        "hunter22".to_owned(),
        good.replace("argon2id", "argon2i"),
        good.replace("m=19456", "m=4194304"),
        good.replace("t=2", "t=4000000"),
        good[..good.rfind('$').unwrap()].to_owned(),
    ] {
        files_write(&file, &bad);
        let error = home.store.ensure().expect_err(&bad);
        assert_eq!(Problem::from(&error).code, "password_hash_broken", "{bad}");
        assert_eq!(fs::read_to_string(&file).unwrap(), bad);
        assert!(!error.to_string().contains("hunter22"));
    }
    files_write(&file, &good);
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let error = home.store.ensure().expect_err("for the group to read");
    assert_eq!(Problem::from(&error).code, "password_hash_unusable");
    home.store.set(generated).unwrap();
    assert!(home.store.ensure().is_ok(), "setting it again repairs it");
}

fn files_write(file: &std::path::Path, text: &str) {
    doorcode_settings::files::write_private(file, text.as_bytes()).unwrap();
}
