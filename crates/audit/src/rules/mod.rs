//! All rules, one file an area.

mod attacks;
mod auth;
mod certificates;
mod editor;
mod environment;
mod exposure;
mod origin;
mod permissions;
mod proxy_ranges;
mod proxy_statements;
mod sessions;
mod trust_stores;
mod trusted_proxy;
mod versions;

#[cfg(test)]
mod tests;

use doorcode_settings::Explanation;

use crate::Rule;

const AREAS: [&[Rule]; 13] = [
    exposure::RULES,
    auth::RULES,
    trusted_proxy::RULES,
    proxy_statements::RULES,
    origin::RULES,
    certificates::RULES,
    permissions::RULES,
    trust_stores::RULES,
    versions::RULES,
    editor::RULES,
    sessions::RULES,
    environment::RULES,
    attacks::RULES,
];

/// Every rule, area by area.
pub const RULES: &[&Rule] = &{
    let mut all = [&AREAS[0][0]; COUNT];
    let (mut area, mut at, mut filled) = (0, 0, 0);
    while area < AREAS.len() {
        if at == AREAS[area].len() {
            (area, at) = (area + 1, 0);
        } else {
            all[filled] = &AREAS[area][at];
            (at, filled) = (at + 1, filled + 1);
        }
    }
    all
};

/// What each rule's id means, for `doorcode explain`.
pub const EXPLANATIONS: &[Explanation] = &{
    let mut all = [RULES[0].explanation; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = RULES[at].explanation;
        at += 1;
    }
    all
};

const COUNT: usize = {
    let (mut count, mut area) = (0, 0);
    while area < AREAS.len() {
        count += AREAS[area].len();
        area += 1;
    }
    count
};
