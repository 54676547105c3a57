use doorcode_settings::Problem;
use openmetrics_parser::prometheus::parse_prometheus;
use openmetrics_parser::{PrometheusType, PrometheusValue};

use super::*;
use crate::status::CertificateStatus;

fn status() -> Status {
    let mut status = Status::not_running();
    status.state = State::Running;
    status.editor.rss_bytes = Some(1 << 30);
    status.certificates = vec![CertificateStatus {
        host: "my.dev.local".parse().expect("a host"),
        not_after: time::OffsetDateTime::UNIX_EPOCH + time::Duration::days(1),
        days_left: 1,
        fingerprint: "AA".into(),
    }];
    let problem = |code: &str| Problem::new(code, "a sentence, with \"marks\"\n", "");
    // Whoever writes a code with something odd in it breaks nothing.
    status.problems = vec![problem("odd\"\\\n, code"), problem("twice"), problem("twice")];
    status
}

fn told() -> String {
    text(&Figures {
        status: &status(),
        websockets: 2,
        reconnects: 3,
        requests: RequestCounts {
            by_class: [1, 2, 3, 4, 5],
        },
        refusals: Refusals::from([("host_foreign", 7)]),
        durations: Durations {
            at_most: vec![(0.00025, 1), (0.0005, 2), (5.0, 9)],
            count: 10,
            sum: 12.5,
        },
        lingering: &[],
        restarts: 1,
        engine_rss: Some(20 << 20),
    })
}

#[test]
fn a_parser_of_the_format_reads_all_of_it() {
    let exposition = parse_prometheus(&told()).expect("well-formed");
    let families = &exposition.families;
    for (name, kind, samples) in [
        ("doorcode_up", PrometheusType::Gauge, 1),
        ("doorcode_editor_state", PrometheusType::Gauge, 6),
        ("doorcode_health", PrometheusType::Gauge, 4),
        ("doorcode_requests_total", PrometheusType::Counter, 5),
        ("doorcode_refusals_total", PrometheusType::Counter, 1),
        ("doorcode_request_duration_seconds", PrometheusType::Histogram, 1),
        ("doorcode_problem", PrometheusType::Gauge, 2),
    ] {
        let family = families.get(name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!(
            (&family.family_type, family.iter_samples().count()),
            (&kind, samples),
            "{name}"
        );
        assert!(!family.help.is_empty(), "{name}");
    }
    let histogram = families["doorcode_request_duration_seconds"]
        .iter_samples()
        .next();
    match histogram.map(|sample| &sample.value) {
        Some(PrometheusValue::Histogram(value)) => {
            assert_eq!((value.count, value.buckets.len()), (Some(10), 4));
        }
        other => panic!("no histogram: {other:?}"),
    }
}

#[test]
fn figures_stand_where_they_belong() {
    let told = told();
    for line in [
        "doorcode_editor_state{state=\"running\"} 1",
        "doorcode_editor_state{state=\"stopped\"} 0",
        "doorcode_editor_resident_bytes 1073741824",
        "doorcode_certificate_expiry_timestamp_seconds{host=\"my.dev.local\"} 86400",
        "doorcode_refusals_total{code=\"host_foreign\"} 7",
        "doorcode_requests_total{class=\"4xx\"} 4",
        "doorcode_request_duration_seconds_bucket{le=\"0.00025\"} 1",
        "doorcode_request_duration_seconds_bucket{le=\"+Inf\"} 10",
        "doorcode_request_duration_seconds_sum 12.5",
        "doorcode_problem{code=\"odd\\\"\\\\\\n, code\"} 1",
    ] {
        assert!(told.lines().any(|found| found == line), "{line}\n{told}");
    }
}
