//! About the machine that everything stands on.

use doorcode_settings::Explanation;

pub(super) const ALL: [Explanation; 8] = [
    Explanation {
        code: "clock_wrong",
        title: "The clock is wrong",
        cause: "This machine's clock is before something that has already happened, or differs by more \
                than 5 minutes from the clock of the public address. Certificates and signed statements \
                are judged by the clock, so valid ones look expired or not yet valid.",
        remedy: "Set the clock, best by the network: `timedatectl set-ntp true`; then `doorcode doctor`.",
    },
    Explanation {
        code: "disk_full",
        title: "The disk is full",
        cause: "The disk that holds Doorcode's data, logs or sockets has less than 4 MB or no file entries \
                left. Nothing can be saved: neither files in the editor nor sign-ins.",
        remedy: "`df -h` and `df -i` show it. Remove what is not needed; the message goes away by itself.",
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
        remedy: "Close tabs and programs, `doorcode free-memory` ends what closed tabs left behind, then \
                 `doorcode restart`.",
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
        remedy: "Unlock the keyring, usually by signing in to the desktop. To do without it: set \
                 DOORCODE_KEYRING=none and `doorcode password reset`.",
    },
    Explanation {
        code: "keyring_timed_out",
        title: "The keyring does not answer",
        cause: "The keyring that keeps the password is silent; it may show a question on the screen that \
                nobody has answered.",
        remedy: "Answer its question, or unlock it. To do without it: set DOORCODE_KEYRING=none and \
                 `doorcode password reset`.",
    },
    Explanation {
        code: "port_busy",
        title: "Another program holds the port",
        cause: "Two programs cannot listen on one address. The message names the other one where the \
                system tells.",
        remedy: "End the other program, or choose another port in gateway.listen: `doorcode settings edit`.",
    },
];
