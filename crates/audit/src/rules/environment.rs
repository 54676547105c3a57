//! Variables that change what the engine, the editor and browsers opened from it do.

use doorcode_settings::Explanation;

use crate::{EnvironmentOf, Facts, Hit, Rule, Severity};

const WHERE: &str = "Find where it is set (~/.profile, ~/.config/environment.d, systemctl --user show-environment), take it out, and \
                     start the engine again";

pub(super) const RULES: &[Rule] = &[
    Rule {
        explanation: Explanation {
            code: "environment.loads_code",
            title: "A variable loads code into every program",
            cause: "The dynamic linker puts the named library into the engine, the editor and everything below: it reads keys and \
                    passwords like the engine itself.",
            remedy: WHERE,
        },
        severity: Severity::Warn,
        check: |facts| {
            set(
                facts,
                &[
                    "LD_PRELOAD",
                    "LD_AUDIT",
                    "LD_LIBRARY_PATH",
                    "DYLD_INSERT_LIBRARIES",
                    "DYLD_LIBRARY_PATH",
                ],
            )
        },
    },
    Rule {
        explanation: Explanation {
            code: "environment.node_options",
            title: "A variable changes every Node",
            cause: "It loads code into a Node or changes its flags, an open debugger among them. Doorcode takes NODE_OPTIONS away \
                    before it starts the editor, but not before anything else that starts from the same place; NODE_PATH reaches \
                    the editor.",
            remedy: WHERE,
        },
        severity: Severity::Warn,
        check: |facts| set(facts, &["NODE_OPTIONS", "NODE_PATH"]),
    },
    Rule {
        explanation: Explanation {
            code: "environment.tls_keys_written",
            title: "A variable has TLS keys written to a file",
            cause: "Browsers and curl that inherit SSLKEYLOGFILE write the keys of their connections there. Whoever has the file and \
                    the packets reads everything, the editor included.",
            remedy: WHERE,
        },
        severity: Severity::Warn,
        check: |facts| set(facts, &["SSLKEYLOGFILE"]),
    },
    Rule {
        explanation: Explanation {
            code: "environment.certificates_unchecked",
            title: "A variable switches certificate checks off",
            cause: "With NODE_TLS_REJECT_UNAUTHORIZED=0 a Node believes every server. Doorcode takes it away before it starts the \
                    editor, but not before anything else that starts from the same place.",
            remedy: WHERE,
        },
        severity: Severity::Warn,
        check: |facts| set(facts, &["NODE_TLS_REJECT_UNAUTHORIZED"]),
    },
    Rule {
        explanation: Explanation {
            code: "environment.password",
            title: "A password or token is in the environment",
            cause: "Every process of yours, each terminal and extension included, can read it from /proc. Doorcode does not use it \
                    and takes it away before it starts the editor.",
            remedy: WHERE,
        },
        severity: Severity::Warn,
        check: |facts| set(facts, &["PASSWORD", "HASHED_PASSWORD", "GITHUB_TOKEN"]),
    },
    Rule {
        explanation: Explanation {
            code: "environment.more_authorities",
            title: "A variable adds certificate authorities",
            cause: "Whoever holds the key of one of them can pass for every server that the editor's extensions, or downloads of \
                    Doorcode's, speak to. Companies that inspect traffic set it on purpose.",
            remedy: "",
        },
        severity: Severity::Info,
        check: |facts| set(facts, &["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"]),
    },
    Rule {
        explanation: Explanation {
            code: "environment.bends_code_server",
            title: "A variable would bend a code-server",
            cause: "It overrides the address of a code-server or has it talk to another one; PORT and CODE_SERVER_HOST have put some \
                    on the whole network. Doorcode takes it away; a code-server that you start by hand obeys it.",
            remedy: "",
        },
        severity: Severity::Info,
        check: |facts| {
            set(
                facts,
                &[
                    "PORT",
                    "CODE_SERVER_HOST",
                    "CODE_SERVER_CONFIG",
                    "CODE_SERVER_PARENT_PID",
                    "VSCODE_IPC_HOOK_CLI",
                ],
            )
        },
    },
];

fn set(facts: &Facts, names: &[&str]) -> Vec<Hit> {
    let whose = match facts.environment.of {
        EnvironmentOf::Engine(pid) => format!("in the engine's environment (process {pid})"),
        EnvironmentOf::Here => "here; an engine that is started here gets it".to_owned(),
    };
    let found = names
        .iter()
        .filter(|name| facts.environment.names.iter().any(|set| set == *name));
    found
        .map(|name| Hit::new(format!("{name} is set {whose}")))
        .collect()
}
