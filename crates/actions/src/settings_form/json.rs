//! Values between the form (JSON) and the file (TOML).

use doorcode_settings::{Key, Problem};
use serde_json::Value as Json;
use toml_edit::{Array, InlineTable, Value};

/// The value as TOML. Whether the key takes it is the parser's to say.
///
/// # Errors
/// `settings_value` for what TOML has no form for: null, numbers that are not whole.
pub(super) fn to_toml(key: &Key, json: &Json) -> Result<Value, Problem> {
    value(json).ok_or_else(|| {
        Problem::new(
            "settings_value",
            format!("{} cannot be {json}; allowed: {}", key.name, key.allowed),
            "doorcode settings show",
        )
    })
}

fn value(json: &Json) -> Option<Value> {
    match json {
        Json::String(text) => Some(text.as_str().into()),
        Json::Bool(yes) => Some((*yes).into()),
        Json::Number(number) => number.as_i64().map(Value::from),
        Json::Array(items) => items
            .iter()
            .map(value)
            .collect::<Option<Array>>()
            .map(Value::Array),
        Json::Object(entries) => {
            let entries = entries.iter().map(|(key, one)| Some((key.as_str(), value(one)?)));
            entries.collect::<Option<InlineTable>>().map(Value::InlineTable)
        }
        Json::Null => None,
    }
}

/// The value as JSON; what no key takes (dates, fractions) is shown as it is written.
pub(super) fn from_toml(value: &Value) -> Json {
    match value {
        Value::String(text) => Json::from(text.value().as_str()),
        Value::Boolean(yes) => Json::from(*yes.value()),
        Value::Integer(number) => Json::from(*number.value()),
        Value::Array(items) => items.iter().map(from_toml).collect(),
        Value::InlineTable(table) => {
            let entries = table.iter().map(|(key, one)| (key.to_owned(), from_toml(one)));
            Json::Object(entries.collect())
        }
        other => Json::from(other.to_string().trim()),
    }
}
