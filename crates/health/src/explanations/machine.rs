//! About the machine that everything stands on.

use doorcode_settings::Explanation;

pub(super) const ALL: [Explanation; 13] = [
    Explanation {
        code: "clock_wrong",
        title: "The clock is wrong",
        cause: "This machine's clock is before something that has already happened, or differs by more \
                than 5 minutes from the clock of the public address. Certificates and signed statements \
                are judged by the clock, so valid ones look expired or not yet valid.",
        remedy: "Have the network set it: `timedatectl set-ntp true`; by hand: `sudo date -s \
                 'YYYY-MM-DD HH:MM'`. Then `doorcode doctor` again.",
    },
    Explanation {
        code: "disk_full",
        title: "The disk is full",
        cause: "The disk that holds Doorcode's data, logs or sockets has less than 4 MB or no file entries \
                left. Nothing can be saved: neither files in the editor nor sign-ins.",
        remedy: "`df -h` shows which disk is full and `df -i` which has no entries for files left; the \
                 message names the folder. Remove what is not needed there; the message goes away by \
                 itself.",
    },
    Explanation {
        code: "disk_low",
        title: "The disk is nearly full",
        cause: "The disk that holds Doorcode's data or logs has less than 200 MB left.",
        remedy: "Make room before it is full: `df -h`, then `du -xh FOLDER | sort -h | tail`.",
    },
    Explanation {
        code: "out_of_memory",
        title: "The editor ran out of memory",
        cause: "The system killed a process of the editor because no memory was left, or the editor \
                reached its own limit. Extensions and language servers are the usual reason.",
        remedy: "Close editor tabs and programs, or give the machine or the container more memory; \
                 `doorcode free-memory` ends what closed tabs left behind. Then `doorcode restart`.",
    },
    Explanation {
        code: "memory_low",
        title: "Memory is nearly used up",
        cause: "Less than a twentieth of the memory, and less than 512 MB, is left; the system will soon \
                kill something. Tabs that were closed hold their extension hosts for up to three hours.",
        remedy: "`doorcode free-memory` ends what closed tabs hold without touching terminals; otherwise \
                 close other programs.",
    },
    Explanation {
        code: "keyring_locked",
        title: "The keyring is locked",
        cause: "The password is in the system's keyring, which nobody has unlocked in this session, so \
                nobody can sign in with it.",
        remedy: "Unlock the keyring, usually by signing in to the desktop. Where there is no desktop: \
                 start Doorcode without the keyring, `DOORCODE_KEYRING=none doorcode up`, and make a \
                 password that needs none: `DOORCODE_KEYRING=none doorcode password reset`.",
    },
    Explanation {
        code: "keyring_timed_out",
        title: "The keyring does not answer",
        cause: "The keyring that keeps the password is silent; it may show a question on the screen that \
                nobody has answered.",
        remedy: "Answer its question on the screen, or unlock it. To do without it: \
                 `DOORCODE_KEYRING=none doorcode up`, and `DOORCODE_KEYRING=none doorcode password \
                 reset`.",
    },
    Explanation {
        code: "keyring_failed",
        title: "The keyring has failed",
        cause: "The keyring that keeps the password is gone, or answers with an error, so nobody can sign in with it.",
        remedy: "Start it again, usually by signing in to the desktop anew; the message goes away by itself. To do without it: \
                 `DOORCODE_KEYRING=none doorcode up`, and `DOORCODE_KEYRING=none doorcode password reset`.",
    },
    Explanation {
        code: "password_refused",
        title: "What the keyring keeps is no password",
        cause: "Something other than Doorcode has written its entry in the keyring: it is too short, too long, or has a control character in it.",
        remedy: "Make a new one: `doorcode password reset`.",
    },
    Explanation {
        code: "password_hash_unusable",
        title: "The password's hash cannot be read",
        cause: "Without a keyring, only the password's hash is kept, in a file of the data folder. It cannot be read, or somebody else \
                could read or change it.",
        remedy: "The message names the file: it must be yours, and nobody else's to read (`chmod 600 FILE`). Or make a new password: \
                 `doorcode password reset`.",
    },
    Explanation {
        code: "password_hash_broken",
        title: "The password's hash is damaged",
        cause: "Without a keyring, only the password's hash is kept, in a file of the data folder. What stands in it is no hash.",
        remedy: "Make a new password: `doorcode password reset`.",
    },
    Explanation {
        code: "password_not_hashed",
        title: "The password could not be hashed",
        cause: "That takes some memory, of which there was not enough.",
        remedy: "Close what is not needed (`free -h`, `doorcode free-memory`), then `doorcode password reset`.",
    },
    Explanation {
        code: "port_busy",
        title: "Another program holds the port",
        cause: "Two programs cannot listen on one address. The message names the other one, its user \
                 and its beginning, as far as the system tells. Until the port is free, Doorcode cannot \
                 start.",
        remedy: "If the other program may go, end it: `kill PID`, or `sudo kill PID` where it belongs \
                 to somebody else, whom you have asked. Or have Doorcode listen elsewhere: `doorcode \
                 settings edit`, under [gateway] `listen = [\"127.0.0.1:8444\"]`. Then `doorcode up`.",
    },
];
