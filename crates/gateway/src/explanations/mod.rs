//! What the codes mean that the gateway writes into its log, or does not start with.

mod requests;
mod sign_in;
mod start;
mod trusted_proxy;

use doorcode_settings::Explanation;

use crate::trusted_proxy::MISSING_HEADER;

/// Every code of this crate that a person can meet. One ends with `<name>`, for which a header's name stands in the log.
pub const EXPLANATIONS: &[Explanation] = &{
    const PARTS: [&[Explanation]; 4] = [requests::ALL, sign_in::ALL, trusted_proxy::ALL, start::ALL];
    const COUNT: usize = {
        let (mut part, mut count) = (0, 0);
        while part < PARTS.len() {
            count += PARTS[part].len();
            part += 1;
        }
        count
    };
    let mut all = [PARTS[0][0]; COUNT];
    let (mut part, mut next) = (0, 0);
    while part < PARTS.len() {
        let mut at = 0;
        while at < PARTS[part].len() {
            all[next] = PARTS[part][at];
            next += 1;
            at += 1;
        }
        part += 1;
    }
    all
};

/// What `code` means, also when it names a header.
pub fn explanation(code: &str) -> Option<&'static Explanation> {
    let is_it = |one: &&Explanation| match one.code.strip_suffix("<name>") {
        Some(beginning) => code.len() > beginning.len() && code.starts_with(beginning),
        None => one.code == code,
    };
    EXPLANATIONS.iter().find(is_it)
}

const _: () = assert!(MISSING_HEADER.len() + "<name>".len() == trusted_proxy::MISSING_HEADER_CODE.len());

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::path::Path;

    use super::*;

    /// What a code stands behind in the sources.
    const MARKS: [&str; 8] = [
        "Refusal::new(",
        "set_code(",
        "note(",
        "expired(",
        "refusal(",
        "later(",
        "Problem::new(",
        "refused_head(",
    ];

    fn sources(folder: &Path, found: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).expect("the sources").flatten() {
            let path = entry.path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("a source");
                found.push(text.split("#[cfg(test)]").next().unwrap_or_default().to_owned());
            }
        }
    }

    /// The first argument of each call that is a string in snake case.
    fn codes(text: &str) -> impl Iterator<Item = &str> {
        let is_code = |code: &&str| {
            code.contains('_') && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        };
        MARKS
            .iter()
            .flat_map(move |mark| text.split(mark).skip(1))
            .filter_map(|after| after.split(';').next()?.split('"').nth(1))
            .filter(is_code)
    }

    #[test]
    fn every_code_in_the_sources_is_explained() {
        let mut texts = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut texts);
        let found: HashSet<&str> = texts.iter().flat_map(|text| codes(text)).collect();
        for known in [
            "host_not_allowed",
            "trusted_proxy_user_not_allowed",
            "editor_unreachable",
            "upstream_aborted",
        ] {
            assert!(found.contains(known), "the search has gone blind: {known}");
        }
        let unknown: Vec<_> = found
            .into_iter()
            .filter(|code| explanation(code).is_none())
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }

    #[test]
    fn a_code_is_explained_once_and_in_full() {
        let codes: HashSet<&str> = EXPLANATIONS.iter().map(|one| one.code).collect();
        assert_eq!(codes.len(), EXPLANATIONS.len());
        for one in EXPLANATIONS {
            assert!(
                !one.title.is_empty() && one.cause.ends_with('.') && one.remedy.ends_with('.'),
                "{}",
                one.code
            );
        }
    }

    #[test]
    fn a_code_with_a_headers_name_is_explained() {
        let missing = explanation("trusted_proxy_missing_header_x-forwarded-proto").expect("explained");
        assert_eq!(missing.code, "trusted_proxy_missing_header_<name>");
        assert!(
            explanation("trusted_proxy_missing_header_").is_none() && explanation("unheard_of").is_none()
        );
    }
}
