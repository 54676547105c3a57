use super::*;

const MINUTE: Duration = Duration::from_secs(60);

fn host() -> HostName {
    "localhost".parse().expect("a host")
}

fn visitor() -> Visitor {
    Visitor {
        name: "Firefox 153 on Linux".to_owned(),
        client: "127.0.0.1".to_owned(),
    }
}

fn report(page: &Token, worker: &str) -> Report {
    let tests = ["secure-context", "certificate", "websocket", "clipboard"]
        .map(|id| format!(r#"{{"id":"{id}","outcome":"passed"}}"#))
        .join(",");
    let json = format!(
        r#"{{"page":"{}","tests":[{tests},{{"id":"service-worker","outcome":"{worker}"}}]}}"#,
        page.expose()
    );
    Report::parse(json.as_bytes()).expect("a report")
}

fn state(checks: &Checks, id: &str) -> CheckState {
    checks.view(id).expect("known").state
}

#[test]
fn a_check_is_opened_once_and_reported_once() {
    let checks = Checks::default();
    let mut passed = checks.passed();
    let (id, nonce, _) = checks.begin(&host(), MINUTE);
    assert_eq!(state(&checks, &id), CheckState::Waiting);
    let page = checks
        .open(nonce.expose(), &host(), visitor())
        .expect("the first time");
    assert_eq!(state(&checks, &id), CheckState::Opened);
    assert!(checks.open(nonce.expose(), &host(), visitor()).is_none());
    assert!(
        !checks.report(report(&nonce, "passed"), &host()),
        "the nonce is not the page's token"
    );
    assert!(checks.report(report(&page, "passed"), &host()));
    let view = passed.try_recv().expect("announced");
    assert_eq!((view.state, view.visitor), (CheckState::Passed, Some(visitor())));
    assert!(
        !checks.report(report(&page, "refused"), &host()),
        "it has been reported"
    );
    assert_eq!(state(&checks, &id), CheckState::Passed);
}

#[test]
fn a_check_that_failed_is_not_announced() {
    let checks = Checks::default();
    let mut passed = checks.passed();
    let (id, nonce, _) = checks.begin(&host(), MINUTE);
    let page = checks
        .open(nonce.expose(), &host(), visitor())
        .expect("the first time");
    assert!(checks.report(report(&page, "refused"), &host()));
    assert_eq!(state(&checks, &id), CheckState::Failed);
    assert!(passed.try_recv().is_err());
}

#[test]
fn only_the_device_that_read_the_address_over_plain_http_passes() {
    let ip = |text: &str| text.parse().expect("an address");
    for (read_by, others) in [
        (&[][..], &[][..]),
        (&["127.0.0.1", "::ffff:127.0.0.1"], &[]),
        (&["192.168.1.44"], &["192.168.1.44"]),
        (&["127.0.0.1", "192.168.1.44"], &["192.168.1.44"]),
    ] {
        let checks = Checks::default();
        let mut passed = checks.passed();
        let (id, nonce, readers) = checks.begin(&host(), MINUTE);
        read_by.iter().for_each(|reader| readers.note(ip(reader)));
        let page = checks
            .open(nonce.expose(), &host(), visitor())
            .expect("the first time");
        readers.note(ip("192.168.1.66"));
        assert!(checks.report(report(&page, "passed"), &host()));
        let view = checks.view(&id).expect("known");
        assert_eq!(
            view.other_readers, others,
            "whoever reads it afterwards is too late"
        );
        let is_it = others.is_empty();
        assert_eq!(view.state == CheckState::Passed, is_it, "{read_by:?}");
        assert_eq!(passed.try_recv().is_ok(), is_it, "{read_by:?}");
    }
}

#[test]
fn a_check_is_for_its_host_alone() {
    let checks = Checks::default();
    let other = "code.test".parse().expect("a host");
    let (_, nonce, _) = checks.begin(&host(), MINUTE);
    assert!(checks.open(nonce.expose(), &other, visitor()).is_none());
    let page = checks
        .open(nonce.expose(), &host(), visitor())
        .expect("not used up");
    assert!(!checks.is_open(page.expose(), &other) && checks.is_open(page.expose(), &host()));
    assert!(!checks.report(report(&page, "passed"), &other));
}

#[test]
fn a_check_ends_and_a_wrong_nonce_never_works() {
    let checks = Checks::default();
    let (id, nonce, _) = checks.begin(&host(), Duration::ZERO);
    assert_eq!(state(&checks, &id), CheckState::Expired);
    assert!(checks.open(nonce.expose(), &host(), visitor()).is_none());
    assert!(
        checks
            .open(Token::generate().expose(), &host(), visitor())
            .is_none()
    );
    assert_eq!(checks.view("invented"), None);
}

#[test]
fn a_page_opened_late_still_has_time_for_its_tests() {
    let checks = Checks::default();
    let (id, nonce, _) = checks.begin(&host(), Duration::from_millis(200));
    let page = checks
        .open(nonce.expose(), &host(), visitor())
        .expect("just in time");
    let (begun, later) = (Instant::now(), Duration::from_millis(250));
    while begun.elapsed() < later {
        std::thread::yield_now();
    }
    assert_eq!(state(&checks, &id), CheckState::Opened);
    assert!(checks.report(report(&page, "passed"), &host()));
}

#[test]
fn the_number_of_checks_is_bounded() {
    let checks = Checks::default();
    let (first, _, _) = checks.begin(&host(), MINUTE);
    for _ in 0..CHECKS {
        checks.begin(&host(), 2 * MINUTE);
    }
    assert_eq!(checks.lock().len(), CHECKS);
    assert_eq!(checks.view(&first), None);
}
