//! What holds for every recipe: its table is right, nothing breaks out of its place, and what cannot be written is refused.

mod support;

use doorcode_recipes::{EXPLANATIONS, Format, Options, Recipe};
use doorcode_settings::{AuthMode, Problem, Settings};
use support::{options, recipe, settings, written};

/// All that a recipe can need to be told.
fn told() -> Options {
    Options {
        public_url: Some("https://code.example.com".parse().expect("an address")),
        allow_users: vec!["ada@example.com".to_owned()],
        proxies: vec!["127.0.0.1/32".parse().expect("an address")],
        ..options()
    }
}

fn whole() -> Settings {
    settings("[gateway]\nlisten = [\"127.0.0.1:8443\"]\n")
}

#[test]
fn the_table_of_each_recipe_is_valid_and_switches_the_mode_on() {
    for which in Recipe::ALL {
        let made = written(which, &whole(), &told());
        let saved = settings(&made.table);
        assert_eq!(saved.auth.mode, AuthMode::TrustedProxy, "{}", which.as_str());
        let proxy = saved.auth.trusted_proxy.expect("the table is complete");
        assert_eq!(proxy.public_url.to_string(), "https://code.example.com");
        assert_eq!(saved.auth.trusted_proxy_keys.allow_users, ["ada@example.com"]);
    }
}

#[test]
fn the_table_stands_at_the_end_of_the_recipe_behind_comment_signs() {
    for which in Recipe::ALL {
        let made = written(which, &whole(), &told());
        if matches!(which, Recipe::Compose | Recipe::Kubernetes) {
            for line in made.table.lines() {
                assert!(made.text.contains(line.trim()), "{}: {line}", which.as_str());
            }
            continue;
        }
        let lines: Vec<&str> = made.text.lines().collect();
        let tail = &lines[lines.len() - made.table.lines().count()..];
        let uncommented: Vec<&str> = tail
            .iter()
            .map(|line| line.strip_prefix("# ").unwrap_or(line.trim_start_matches('#')))
            .collect();
        assert_eq!(
            uncommented,
            made.table.lines().collect::<Vec<_>>(),
            "{}",
            which.as_str()
        );
    }
}

#[test]
fn settings_in_force_are_said_to_be() {
    let table = written(Recipe::Nginx, &whole(), &told()).table;
    let before = written(Recipe::Nginx, &whole(), &told()).text;
    let after = written(Recipe::Nginx, &settings(&table), &options()).text;
    assert!(before.contains("Without the # signs"), "{before}");
    assert!(after.contains("are in force already"), "{after}");
}

#[test]
fn what_the_settings_say_for_another_proxy_is_not_taken_over() {
    let pomerium = written(Recipe::PomeriumCore, &whole(), &told()).table;
    let caddy = written(Recipe::Caddy, &settings(&pomerium), &options()).table;
    assert!(caddy.contains("preset = \"caddy\""), "{caddy}");
    assert!(
        caddy.contains("proof = { header = \"x-doorcode-proof\""),
        "{caddy}"
    );
    let back = written(Recipe::PomeriumCore, &settings(&caddy), &options()).table;
    assert_eq!(back, pomerium);
}

#[test]
fn what_is_missing_is_named_with_the_options_that_say_it() {
    let problem = refused(Recipe::Nginx, &whole(), &options());
    assert_eq!(problem.code, "recipe_incomplete");
    for key in ["auth.trusted_proxy.public_url", "auth.trusted_proxy.allow_users"] {
        assert!(problem.message.contains(key), "{problem}");
    }
    assert!(
        problem.fix.starts_with("doorcode recipe nginx --public-url"),
        "{problem}"
    );
}

#[test]
fn what_the_settings_demand_comes_from_the_auth_service_and_from_nobody_else() {
    let demanding = settings(
        "[auth.trusted_proxy]\nrequired_headers = [\"x-forwarded-proto\", \"x-auth-request-user\"]\n",
    );
    let nginx = written(Recipe::Nginx, &demanding, &told()).text;
    for line in [
        "auth_request_set $doorcode_x_auth_request_user $upstream_http_x_auth_request_user;",
        "proxy_set_header x-auth-request-user $doorcode_x_auth_request_user;",
    ] {
        assert_eq!(nginx.matches(line).count(), 1, "{nginx}");
    }
    assert!(
        !nginx.contains("proxy_set_header x-auth-request-user \"\""),
        "{nginx}"
    );
    let caddy = written(Recipe::Caddy, &demanding, &told()).text;
    assert!(
        caddy.contains("copy_headers X-Auth-Request-Email>x-forwarded-user x-auth-request-user\n"),
        "{caddy}"
    );
    assert!(caddy.contains("request_header -x-auth-request-user\n"), "{caddy}");
    let traefik = written(Recipe::Traefik, &demanding, &told()).text;
    assert!(
        traefik.contains("authResponseHeaders: [x-auth-request-email, x-auth-request-user]\n"),
        "{traefik}"
    );
}

#[test]
fn a_users_name_cannot_break_out() {
    let hostile = r#"a"'`\#${x}$(y){z}&!|>%@example.com"#;
    let said = Options {
        allow_users: vec![hostile.to_owned()],
        ..told()
    };
    for which in Recipe::ALL {
        let made = written(which, &whole(), &said);
        let saved = settings(&made.table);
        assert_eq!(
            saved.auth.trusted_proxy_keys.allow_users,
            [hostile],
            "{}",
            which.as_str()
        );
    }
    let compose = written(Recipe::Compose, &whole(), &said).text;
    let single = compose.replace("$$", "");
    assert!(
        !single.contains("${") && !single.contains("$("),
        "Compose would put a variable there: {compose}"
    );
    let wrong = Options {
        allow_users: vec!["ada@example.com\n[editor]".to_owned()],
        ..told()
    };
    assert_eq!(
        refused(Recipe::Nginx, &whole(), &wrong).code,
        "recipe_value_refused"
    );
}

#[test]
fn a_path_that_a_format_cannot_write_is_refused() {
    let with = |files: &str| Options {
        files: files.into(),
        ..told()
    };
    for which in [
        Recipe::Nginx,
        Recipe::Caddy,
        Recipe::Traefik,
        Recipe::PomeriumCore,
    ] {
        for hostile in ["/etc/a\nb", "/etc/\u{85}", "/etc/\u{2028}", "/etc/\u{1b}[2J"] {
            let problem = refused(which, &whole(), &with(hostile));
            assert_eq!(problem.code, "recipe_value_refused", "{}", which.as_str());
        }
    }
    for (which, hostile) in [
        (Recipe::Nginx, "/etc/$host"),
        (Recipe::Caddy, "/etc/{env.HOME}"),
        (Recipe::Caddy, "/etc/{$HOME}"),
    ] {
        let problem = refused(which, &whole(), &with(hostile));
        assert_eq!(problem.code, "recipe_value_refused");
    }
    let nginx = written(Recipe::Nginx, &whole(), &with("/etc/a b;}\"#")).text;
    assert!(
        nginx.contains(r##"ssl_certificate "/etc/a b;}\"#/public.pem";"##),
        "{nginx}"
    );
}

#[test]
fn a_socket_is_named_only_to_proxies_that_open_one() {
    let socket = settings(
        "[gateway]\nlisten = [\"unix:/run/door.sock\"]\n[auth]\nmode = \"trusted-proxy\"\n[auth.trusted_proxy]\n\
         public_url = \"https://code.example.com\"\nallow_users = [\"*\"]\nuser_header = \"x-user\"\nproof = \"unix-socket\"\n",
    );
    for which in [Recipe::Traefik, Recipe::PomeriumCore, Recipe::PomeriumZero] {
        let problem = refused(which, &socket, &options());
        assert_eq!(problem.code, "recipe_needs_tcp", "{}", which.as_str());
    }
    for which in [Recipe::Nginx, Recipe::Caddy] {
        let made = written(which, &socket, &options());
        assert!(made.text.contains("/run/door.sock"), "{}", which.as_str());
    }
    let problem = refused(Recipe::Tailscale, &socket, &options());
    assert_eq!(problem.code, "recipe_tls_over_socket");
}

#[test]
fn a_port_that_changes_is_refused() {
    let any_port = settings("[gateway]\nlisten = [\"127.0.0.1:0\"]\n");
    let problem = refused(Recipe::Caddy, &any_port, &told());
    assert_eq!(problem.code, "recipe_port_unknown");
}

#[test]
fn a_door_on_every_address_is_reached_by_loopback() {
    for (listen, expected) in [("0.0.0.0:8443", "127.0.0.1:8443"), ("[::]:8443", "[::1]:8443")] {
        let everywhere = settings(&format!("[gateway]\nlisten = [\"{listen}\"]\n"));
        let text = written(Recipe::Nginx, &everywhere, &told()).text;
        assert!(text.contains(&format!("server {expected};")), "{text}");
    }
}

#[test]
fn the_secret_itself_is_nowhere() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let secret_file = folder.path().join("proxy-secret");
    let secret = "d1ce".repeat(16);
    std::fs::write(&secret_file, &secret).expect("written");
    let told = Options {
        secret_file,
        ..told()
    };
    for which in Recipe::ALL {
        for format in [Format::File, Format::Labels] {
            let options = Options {
                format,
                ..told.clone()
            };
            let made = written(which, &whole(), &options);
            assert!(!made.text.contains(&secret), "{}", which.as_str());
        }
    }
}

/// As [`recipe`], where something is wrong; the code is one that is explained.
fn refused(which: Recipe, settings: &Settings, options: &Options) -> Problem {
    let problem = match recipe(which, settings, options) {
        Ok(written) => panic!(
            "{} should not have been written:\n{}",
            which.as_str(),
            written.text
        ),
        Err(problem) => problem,
    };
    assert!(
        EXPLANATIONS.iter().any(|one| one.code == problem.code),
        "{} is not explained",
        problem.code
    );
    problem
}
