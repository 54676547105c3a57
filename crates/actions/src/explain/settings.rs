//! About settings and what follows from them.

use doorcode_settings::Explanation;

pub(super) const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        code: "settings_syntax",
        title: "The settings file is not TOML",
        cause: "A quote, a bracket or an equals sign is missing or too many. The last good settings stay in force.",
        remedy: "The message names line and column: `doorcode settings edit`; `doorcode settings check` reads the file again.",
    },
    Explanation {
        code: "settings_unknown_key",
        title: "A key that does not exist",
        cause: "A key is misspelt or stands in another table. Nothing is guessed, because a misspelt key that is passed over \
                could leave a door open. The last good settings stay in force.",
        remedy: "The message names what was probably meant: `doorcode settings edit`. All keys: `doorcode settings show`.",
    },
    Explanation {
        code: "settings_value",
        title: "A value that its key does not take",
        cause: "The value has the wrong form, or does not go together with another key. The last good settings stay in force.",
        remedy: "The message says what is allowed: `doorcode settings edit`.",
    },
    Explanation {
        code: "settings_unsafe",
        title: "Others can write the settings file",
        cause: "The file names a program to run and who comes in, so it is read only while nobody but you can change it.",
        remedy: "Read it, then: `chown $(id -u) FILE` and `chmod 600 FILE`.",
    },
    Explanation {
        code: "none_beyond_loopback",
        title: "No sign-in beyond this machine",
        cause: "auth.mode is \"none\", and the gateway listens on an address that other machines reach: each of them would have \
                a shell on this one.",
        remedy: "`doorcode auth password`, or listen on 127.0.0.1 only. If it is really meant: none_beyond_loopback = true in [auth].",
    },
    Explanation {
        code: "trusted_proxy_incomplete",
        title: "Sign-in by proxy is not complete",
        cause: "auth.mode is \"trusted-proxy\", and something without which the proxy cannot be told from anybody else is not set.",
        remedy: "`doorcode auth` lists what is missing; `doorcode auth trusted-proxy --help` has an option for each.",
    },
    Explanation {
        code: "cert_key_missing",
        title: "A certificate without its key",
        cause: "tls.cert is set and tls.key is not.",
        remedy: "Set both, or remove both for certificates of Doorcode's own: `doorcode settings edit`.",
    },
    Explanation {
        code: "cert_missing",
        title: "A key without its certificate",
        cause: "tls.key is set and tls.cert is not.",
        remedy: "Set both, or remove both for certificates of Doorcode's own: `doorcode settings edit`.",
    },
    Explanation {
        code: "restart_editor",
        title: "A setting waits for the editor",
        cause: "A setting was changed that code-server reads when it starts.",
        remedy: "`doorcode restart`. Unsaved files are kept by the editor; what runs in terminals ends.",
    },
    Explanation {
        code: "restart_engine",
        title: "A setting waits for the engine",
        cause: "A setting was changed that only a new engine takes, such as the addresses it listens on.",
        remedy: "End the engine (`doorcode stop --engine`, or Quit in the tray) and start it again: `doorcode up`.",
    },
];
