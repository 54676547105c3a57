//! `[desktop]`, `[notifications]`.

use crate::shortcut::shortcut;
use crate::values;
use crate::{Applies, Key, Kind, OnQuit};

pub(super) const KEYS: &[Key] = &[
    Key {
        name: "desktop.on_quit",
        label: "When the tray quits",
        kind: Kind::Choice(&["stop", "keep"]),
        doc: "Whether the editor ends when the tray quits: \"stop\" ends it, \"keep\" has it run on its own, from the engine's next start on.",
        allowed: "\"stop\" or \"keep\"",
        applies: Applies::Live,
        read: |draft, value| {
            let choices = [("stop", OnQuit::Stop), ("keep", OnQuit::Keep)];
            values::one_of(value, &choices).map(|choice| draft.settings.desktop.on_quit = choice)
        },
        write: |settings| Some(settings.desktop.on_quit.as_str().into()),
    },
    Key {
        name: "desktop.shortcut",
        label: "Shortcut",
        kind: Kind::Text,
        doc: "Keys that open the editor in the browser from anywhere, on X11 and macOS; none when empty. On X11 a set one costs a look at the keyboard 20 times a second.",
        allowed: "nothing, or a key with Ctrl, Alt or Super before it, such as \"Ctrl+Alt+D\"",
        applies: Applies::Live,
        read: |draft, value| shortcut(value).map(|keys| draft.settings.desktop.shortcut = keys),
        write: |settings| Some(settings.desktop.shortcut.as_str().into()),
    },
    Key {
        name: "notifications.crash",
        label: "The editor ended by itself",
        kind: Kind::Boolean,
        doc: "Notify when the editor ends without being asked to.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.crash = yes),
        write: |settings| Some(settings.notifications.crash.into()),
    },
    Key {
        name: "notifications.given_up",
        label: "The editor stays down",
        kind: Kind::Boolean,
        doc: "Notify when the editor has ended too often and is not started again.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.given_up = yes),
        write: |settings| Some(settings.notifications.given_up.into()),
    },
    Key {
        name: "notifications.certificate",
        label: "A certificate is due",
        kind: Kind::Boolean,
        doc: "Notify when a certificate is about to end, or has ended.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.certificate = yes),
        write: |settings| Some(settings.notifications.certificate.into()),
    },
    Key {
        name: "notifications.new_device",
        label: "A new sign-in",
        kind: Kind::Boolean,
        doc: "Notify when somebody signs in.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| values::yes_no(value).map(|yes| draft.settings.notifications.new_device = yes),
        write: |settings| Some(settings.notifications.new_device.into()),
    },
    Key {
        name: "notifications.sign_in_attack",
        label: "Somebody guesses passwords",
        kind: Kind::Boolean,
        doc: "Notify when wrong passwords come so fast that they are turned away.",
        allowed: "true or false",
        applies: Applies::Live,
        read: |draft, value| {
            values::yes_no(value).map(|yes| draft.settings.notifications.sign_in_attack = yes)
        },
        write: |settings| Some(settings.notifications.sign_in_attack.into()),
    },
];
