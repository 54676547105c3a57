//! About what the status and the commands say.

use doorcode_settings::Explanation;

pub(super) const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        code: "not_running",
        title: "No engine runs",
        cause: "The command asks a running engine, and there is none of this person on this machine.",
        remedy: "`doorcode up`, or the tray application.",
    },
    Explanation {
        code: "already_running",
        title: "An engine runs already",
        cause: "There is one engine a person. The message names its process.",
        remedy: "Use that one: `doorcode status`. To end it: `doorcode stop --engine`.",
    },
    Explanation {
        code: "host_not_configured",
        title: "Not one of the configured hosts",
        cause: "The gateway answers for the names in gateway.hosts only.",
        remedy: "Add the name to hosts in [gateway]: `doorcode settings edit`.",
    },
    Explanation {
        code: "certificate_key_missing",
        title: "A certificate without its key",
        cause: "The private key that belongs to the certificate is not there.",
        remedy: "One of Doorcode's own: `doorcode cert issue HOST`. One from an authority: put the key where tls.key points.",
    },
    Explanation {
        code: "certificate_key_mismatch",
        title: "Certificate and key do not belong together",
        cause: "The key is another certificate's. What was served before is served on.",
        remedy: "Put the right pair in place; it is taken up at once. `doorcode cert show HOST` shows what is there.",
    },
    Explanation {
        code: "certificate_exposed",
        title: "Others can read a private key",
        cause: "The key's file can be read by other people of this machine, who could pose as this host.",
        remedy: "If anybody else uses this machine: `doorcode cert renew HOST --trust`. Otherwise: chmod 600 on the file that the message names.",
    },
    Explanation {
        code: "certificate_unusable",
        title: "A certificate cannot be used",
        cause: "Its file is damaged or of a kind that browsers do not take. What was served before is served on.",
        remedy: "The message says what is wrong. One of Doorcode's own: `doorcode cert renew HOST --trust`.",
    },
    Explanation {
        code: "code_server_missing",
        title: "There is no code-server",
        cause: "None is on PATH, none was installed by Doorcode, and none is named in the settings.",
        remedy: "`doorcode install`.",
    },
    Explanation {
        code: "code_server_broken",
        title: "This code-server does not work",
        cause: "It is there, and did not say its version when it was asked.",
        remedy: "The message says what it said. Correct editor.program with `doorcode settings edit`, or bring another: `doorcode install`.",
    },
    Explanation {
        code: "code_server_not_runnable",
        title: "This code-server cannot be started",
        cause: "The file that is named is no program that this person may run.",
        remedy: "Correct editor.program: `doorcode settings edit`; or leave it at \"auto\" and run `doorcode install`.",
    },
    Explanation {
        code: "code_server_too_old",
        title: "This code-server is too old",
        cause: "It lacks options without which it cannot be kept behind the door.",
        remedy: "`doorcode install` brings a newer one.",
    },
    Explanation {
        code: "node_missing",
        title: "There is no Node.js",
        cause: "The code-server that is named is a script for Node.js, and no fitting one was found.",
        remedy: "`doorcode install` brings one along.",
    },
    Explanation {
        code: "node_wrong_version",
        title: "The wrong Node.js",
        cause: "code-server is made for one major version of Node.js, and the one that was found is another.",
        remedy: "`doorcode install` brings the right one along.",
    },
    Explanation {
        code: "editor_not_started",
        title: "The editor was not started",
        cause: "The system refused to start code-server for the reason in the message.",
        remedy: "`doorcode logs --editor`; mend it, then `doorcode restart`.",
    },
    Explanation {
        code: "editor_not_ready",
        title: "The editor does not get ready",
        cause: "code-server was started and did not answer in time.",
        remedy: "`doorcode logs --editor` shows how far it came; then `doorcode restart`.",
    },
    Explanation {
        code: "sign_in_attack",
        title: "Somebody may be guessing the password",
        cause: "Wrong passwords come so fast that they are turned away for a while. Whoever knows it is not kept out.",
        remedy: "`doorcode logs --access` shows each attempt. A password that could be guessed: `doorcode password reset`. Nobody \
                 else needs the address: listen on 127.0.0.1 only.",
    },
    Explanation {
        code: "log_not_written",
        title: "A log cannot be written",
        cause: "The disk is full or the file's folder is gone. Nothing waits for it; its lines are lost.",
        remedy: "`df -h` on the folder that the message names.",
    },
    Explanation {
        code: "settings_unreadable",
        title: "The settings file cannot be read",
        cause: "The system refuses it. The last good settings stay in force.",
        remedy: "Look at it with `ls -ld`, then repair it or remove it.",
    },
];
