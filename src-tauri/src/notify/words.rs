//! The words of a notification.

use doorcode_gateway::SignInMethod;
use doorcode_settings::Problem;

use super::Notification;
use super::news::News;
use crate::window::Page;

pub(super) fn of_news(news: &News) -> Notification {
    let message = |problem: &Option<Problem>, otherwise: &str| match problem {
        Some(problem) => problem.message.clone(),
        None => otherwise.to_owned(),
    };
    match news {
        News::Crash(problem) => Notification {
            summary: "The editor crashed".to_owned(),
            body: message(problem, "It was started again."),
            page: Page::Logs,
            urgent: false,
        },
        News::GivenUp(problem) => Notification {
            summary: "The editor is not started again".to_owned(),
            body: message(problem, "It crashed too often."),
            page: Page::Logs,
            urgent: true,
        },
        News::Certificate { host, days_left } => Notification {
            summary: format!("The certificate of {host} is due"),
            body: match days_left {
                ..0 => "It has ended: browsers refuse it.".to_owned(),
                0 => "It ends today.".to_owned(),
                1 => "It ends tomorrow.".to_owned(),
                days => format!("It ends in {days} days."),
            },
            page: Page::Certificates,
            urgent: *days_left < 0,
        },
        News::NewDevice {
            client,
            user_agent,
            method,
            user,
        } => Notification {
            summary: match user {
                Some(user) => format!("{user} signed in"),
                None => "Somebody signed in".to_owned(),
            },
            body: format!(
                "From {client} {}: {}. If that was not you, end the session{}.",
                match method {
                    SignInMethod::Password => "with the password",
                    SignInMethod::Link => "with a one-time link",
                    SignInMethod::Proxy => "by the proxy in front",
                },
                user_agent.as_deref().unwrap_or("a browser without a name"),
                match method {
                    SignInMethod::Password | SignInMethod::Link => " and change the password",
                    SignInMethod::Proxy => " and change who may come in",
                },
            ),
            page: Page::SignIn,
            urgent: false,
        },
        News::Unreachable(problem) => Notification {
            summary: "The editor cannot be reached".to_owned(),
            body: problem.to_string(),
            page: Page::Health,
            urgent: true,
        },
        News::Attack(problem) => Notification {
            summary: "Somebody is guessing passwords".to_owned(),
            body: problem.message.clone(),
            page: Page::SignIn,
            urgent: true,
        },
    }
}

pub(super) fn of_problem(problem: &Problem, page: Page) -> Notification {
    Notification {
        summary: "Doorcode could not do that".to_owned(),
        body: problem.to_string(),
        page,
        urgent: false,
    }
}

/// Of a browser that does not trust the certificate of the door it is about to open.
pub(super) fn of_browser(warning: &Problem) -> Notification {
    Notification {
        summary: "The browser will warn".to_owned(),
        body: warning.to_string(),
        page: Page::Trust,
        urgent: false,
    }
}
