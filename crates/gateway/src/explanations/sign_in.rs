//! Signing in, and being signed out.

use doorcode_settings::Explanation;

pub(super) const ALL: &[Explanation] = &[
    Explanation {
        code: "not_signed_in",
        title: "Nobody is signed in",
        cause: "The request carried no session, or one that has ended.",
        remedy: "Open the host in a browser and sign in; `doorcode open` does both.",
    },
    Explanation {
        code: "signed_out",
        title: "Ended with its session",
        cause: "The session that a WebSocket or a download belonged to was signed out, was revoked or came to its end.",
        remedy: "Sign in again. sessions.idle and sessions.absolute in the settings say how long a session lasts.",
    },
    Explanation {
        code: "signed_out_meanwhile",
        title: "Everybody was signed out meanwhile",
        cause: "While somebody was signing in, all sessions were ended or the password was changed.",
        remedy: "Sign in again.",
    },
    Explanation {
        code: "link_used_or_expired",
        title: "The one-time link is of no use any more",
        cause: "A link signs in once, and only for the minutes that it was made for.",
        remedy: "`doorcode open --print` makes a new one.",
    },
    Explanation {
        code: "sign_in_wrong_password",
        title: "Wrong password",
        cause: "The password that was sent is not the one that is set.",
        remedy: "`doorcode password show` shows it where it is kept in the keyring; `doorcode password reset` makes a new one.",
    },
    Explanation {
        code: "sign_in_too_many",
        title: "Too many attempts",
        cause: "One address tried to sign in more often than limits.sign_in_per_minute allows.",
        remedy: "Wait a minute. If it was not you, `doorcode status` says from where the attempts come; a one-time link (`doorcode open`) works meanwhile.",
    },
    Explanation {
        code: "sign_in_busy",
        title: "Too many people sign in at once",
        cause: "Checking a password takes some memory and time on purpose, and the turns for it were taken.",
        remedy: "Try again in a moment, or use a one-time link: `doorcode open`.",
    },
    Explanation {
        code: "sign_in_malformed",
        title: "The sign-in form did not arrive whole",
        cause: "What was sent is not the form of the sign-in page, or its end never came.",
        remedy: "Load the sign-in page again.",
    },
];
