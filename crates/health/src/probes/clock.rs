//! Whether this machine's clock can be right: it never is before something that has already happened.

use time::{Duration, OffsetDateTime};

use crate::finding::Finding;
use crate::report::Cause;
use crate::subject::Times;

/// Clocks of machines that write files or certificates for each other may differ by so much.
const TOLERANCE: Duration = Duration::minutes(5);

pub(crate) fn look(times: &Times, now: OffsetDateTime) -> Finding {
    let ahead = times
        .past
        .iter()
        .filter(|(_, at)| *at - now > TOLERANCE)
        .max_by_key(|(_, at)| *at);
    match ahead {
        None => Finding::pass(format!("{} UTC", minute(now))),
        Some((what, at)) => Finding::wrong(
            format!("now {} UTC, but {what} is of {} UTC", minute(now), minute(*at)),
            wrong(format!("it is behind by {} at least", span(*at - now))),
        ),
    }
}

/// The clock against another machine's, `theirs`, read over the network just now.
pub(crate) fn against(theirs: OffsetDateTime, now: OffsetDateTime, whose: &str) -> Option<Cause> {
    let difference = now - theirs;
    (difference.abs() > TOLERANCE).then(|| {
        let side = if difference.is_negative() {
            "behind"
        } else {
            "ahead of"
        };
        wrong(format!("it is {} {side} that of {whose}", span(difference.abs()))).seen_by(format!(
            "here {} UTC, {whose} {} UTC",
            minute(now),
            minute(theirs)
        ))
    })
}

fn wrong(how: String) -> Cause {
    Cause::critical(
        "clock_wrong",
        format!("this machine's clock is wrong, {how}; certificates and sign-ins are judged by it"),
        "have the network set it: `timedatectl set-ntp true`, or by hand: `sudo date -s 'YYYY-MM-DD HH:MM'`",
    )
}

fn minute(at: OffsetDateTime) -> String {
    let at = at.to_offset(time::UtcOffset::UTC);
    format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute())
}

fn span(span: Duration) -> String {
    match span.whole_minutes() {
        minutes @ 0..120 => format!("{minutes} minutes"),
        minutes @ 120..2_880 => format!("{} hours", minutes / 60),
        minutes => format!("{} days", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::report::ProbeStatus;

    const NOW: OffsetDateTime = datetime!(2026-06-01 12:00 UTC);

    #[test]
    fn a_clock_before_what_has_happened_is_wrong() {
        let issued = |at| Times {
            past: vec![("the certificate of localhost".to_owned(), at)],
        };
        let fine = look(&issued(NOW + TOLERANCE), NOW);
        assert_eq!(fine.status, ProbeStatus::Pass);
        let wrong = look(&issued(NOW + Duration::days(400)), NOW);
        assert_eq!(wrong.causes[0].code, "clock_wrong");
        assert!(wrong.causes[0].message.contains("400 days"), "{:?}", wrong.causes);
        assert!(
            wrong.evidence.contains("certificate of localhost"),
            "{}",
            wrong.evidence
        );
    }

    #[test]
    fn a_clock_is_held_against_another_in_both_directions() {
        let said = |theirs| against(theirs, NOW, "example.org").map(|cause| cause.message);
        assert_eq!(said(NOW - Duration::minutes(4)), None);
        assert!(said(NOW - Duration::hours(3)).is_some_and(|text| text.contains("3 hours ahead of")));
        assert!(said(NOW + Duration::minutes(30)).is_some_and(|text| text.contains("30 minutes behind")));
    }
}
