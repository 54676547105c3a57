//! The same for programs, with every sample.

use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::contenders::Column;
use crate::measures::Measure;
use crate::report::Report;
use crate::report::table::RIVALS;
use crate::statistics::Summary;

pub(crate) fn render(report: &Report) -> Value {
    let versions: Map<String, Value> = report
        .versions
        .iter()
        .map(|(column, version)| (key(*column), json!(version)))
        .collect();
    json!({
        "date": report.date.format(&Rfc3339).ok(),
        "cores": report.cores,
        "seconds": report.seconds.as_secs_f64(),
        "versions": versions,
        "measures": report.sheet.measures().map(|measure| row(report, measure)).collect::<Vec<_>>(),
        "failures": report.sheet.failures(),
    })
}

fn row(report: &Report, measure: Measure) -> Value {
    let columns: Map<String, Value> = Column::ALL
        .iter()
        .filter_map(|column| Some((*column, report.sheet.summary(measure, *column)?)))
        .map(|(column, figures)| {
            let mut figures = summary(figures);
            figures["samples"] = json!(report.sheet.samples(measure, column));
            (key(column), figures)
        })
        .collect();
    let ratios: Map<String, Value> = RIVALS
        .iter()
        .filter_map(|rival| Some((key(*rival), summary(report.sheet.ratio(measure, *rival)?))))
        .collect();
    json!({
        "measure": format!("{measure:?}"),
        "unit": measure.unit(),
        "more_is_better": measure.more_is_better(),
        "columns": columns,
        "doorcode_divided_by": ratios,
    })
}

fn summary(summary: Summary) -> Value {
    json!({ "median": summary.median, "min": summary.min, "max": summary.max })
}

fn key(column: Column) -> String {
    format!("{column:?}")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::measures::Group;
    use crate::report::sheet::Sheet;

    #[test]
    fn every_sample_and_the_ratio_are_there() {
        let mut sheet = Sheet::default();
        for (column, rate) in [(Column::Nginx, 2.0), (Column::Doorcode, 3.0)] {
            sheet.record_all(column, Group::Stream, Ok(vec![(Measure::Stream, rate)]));
        }
        let versions = vec![(Column::Nginx, "nginx/1".to_owned())];
        let value = render(&Report::new(versions, Duration::from_secs(1), sheet));
        assert_eq!(value["versions"]["Nginx"], "nginx/1");
        assert_eq!(
            value["measures"][0]["columns"]["Doorcode"]["samples"],
            json!([3.0])
        );
        assert_eq!(
            value["measures"][0]["doorcode_divided_by"]["Nginx"]["median"],
            1.5
        );
        assert!(value["measures"][0]["columns"].get("Caddy").is_none());
    }
}
