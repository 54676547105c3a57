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
        code: "certificate_file_missing",
        title: "A certificate's file is not there",
        cause: "tls.cert or tls.key names a file that does not exist. What was served before is served on.",
        remedy: "Put the file in place, which is taken up at once, or correct its name under [tls]: `doorcode settings edit`.",
    },
    Explanation {
        code: "certificate_unreadable",
        title: "A certificate's file cannot be read",
        cause: "The system does not let Doorcode read the file of a certificate or of its key. What was served before is served on.",
        remedy: "`ls -l FILE` shows whose it is; it must be readable by the user that Doorcode runs as.",
    },
    Explanation {
        code: "certificate_corrupt",
        title: "A certificate is damaged",
        cause: "The file that tls.cert names holds no certificate that can be read, such as an incomplete one. What was served before is served on.",
        remedy: "Write it again, in the PEM form (`-----BEGIN CERTIFICATE-----`); it is taken up at once.",
    },
    Explanation {
        code: "certificate_key_unusable",
        title: "A private key is damaged",
        cause: "The file that tls.key names holds no private key that can be read. What was served before is served on.",
        remedy: "Write it again, in the PEM form (`-----BEGIN PRIVATE KEY-----`); it is taken up at once.",
    },
    Explanation {
        code: "certificate_key_encrypted",
        title: "A private key wants a password",
        cause: "The key is kept encrypted, and nobody is there to type its password when Doorcode reads it. What was served before is served on.",
        remedy: "Decrypt it once: `openssl pkey -in KEY -out NEW-KEY`, then `chmod 600 NEW-KEY`, and name that file as key under [tls].",
    },
    Explanation {
        code: "certificate_several_keys",
        title: "Several private keys in one file",
        cause: "It cannot be told which of them belongs to the certificate. What was served before is served on.",
        remedy: "Leave in the file only the key that belongs to tls.cert.",
    },
    Explanation {
        code: "certificate_order",
        title: "The chain is in the wrong order",
        cause: "The host's own certificate must be the first in the file, and those of the authorities follow.",
        remedy: "Write them in that order: `cat HOST.crt CHAIN.crt > FILE`; it is taken up at once.",
    },
    Explanation {
        code: "certificate_chain_expired",
        title: "A certificate of the chain has expired",
        cause: "The host's certificate is valid, but one that vouches for it, and is sent with it, is over. Some browsers refuse the page for it.",
        remedy: "Get the present chain from your authority and write it behind the host's certificate.",
    },
    Explanation {
        code: "certificate_not_for_servers",
        title: "The certificate is for something else",
        cause: "It may be used for other purposes only, such as e-mail or the sign-in of clients, so browsers refuse it for a page.",
        remedy: "Get one for a server (serverAuth) from your authority.",
    },
    Explanation {
        code: "certificate_shape",
        title: "Not a certificate of Doorcode's making",
        cause: "It is in the folder of Doorcode's own certificates, is valid and for the host, but differs from what Doorcode issues: somebody has put another in its place.",
        remedy: "`doorcode cert renew HOST --trust`. To use one of your own, name its files as cert and key under [tls]: `doorcode settings edit`.",
    },
    Explanation {
        code: "certificate_foreign_owner",
        title: "Somebody else's file among the certificates",
        cause: "A file in the folder of Doorcode's own certificates belongs to another user of this machine, who could exchange it.",
        remedy: "The message names it: `sudo rm FILE`, then `doorcode cert renew HOST --trust`.",
    },
    Explanation {
        code: "certificate_is_link",
        title: "A link among the certificates",
        cause: "In the folder of Doorcode's own certificates there is a link where Doorcode writes a file. Whoever made it could have another file overwritten.",
        remedy: "The message names it: remove it, then `doorcode cert renew HOST --trust`.",
    },
    Explanation {
        code: "certificate_not_a_file",
        title: "Not a file",
        cause: "There is a folder, or something else, where the file of a certificate or of its key should be.",
        remedy: "One of your own: correct its name under [tls], `doorcode settings edit`. Among Doorcode's own: remove it, then `doorcode cert renew HOST --trust`.",
    },
    Explanation {
        code: "certificate_too_large",
        title: "A certificate's file is too large",
        cause: "No certificate or key is so large, so it is not read.",
        remedy: "The name under [tls] is probably that of another file: `doorcode settings edit`.",
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
