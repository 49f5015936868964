//! `[reasoner]`: what answers `ctx.reason` (contract 6, 7).

use serde::Deserialize;
use ureq::http::Uri;

use super::limits::Time;
use crate::kernel::dollars::Dollars;

/// What answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ReasonerKind {
    /// The operator's own `stub(input)`, else the rule file.
    #[default]
    Stub,
    /// Recordings, also of what is sensed, and nothing else.
    Recorded,
    /// A model.
    Model,
}

/// `[reasoner]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReasonerTable {
    /// What answers.
    pub kind: ReasonerKind,
    /// The rule file, relative to the workspace.
    pub rules: Option<RulesPath>,
    /// Where the model's chat endpoint is.
    pub base_url: Option<BaseUrl>,
    /// The model.
    pub model: Option<String>,
    /// The slot of its key, in `[reasoner]` of the secrets.
    pub secret: Option<String>,
    /// For one question, with all attempts.
    pub timeout: Time,
    /// Attempts after the first.
    pub retries: Retries,
    /// US dollars per million tokens that the model reads.
    pub input_price: Option<Price>,
    /// The same of what it writes.
    pub output_price: Option<Price>,
}

impl Default for ReasonerTable {
    fn default() -> Self {
        Self {
            kind: ReasonerKind::Stub,
            rules: None,
            base_url: None,
            model: None,
            secret: None,
            timeout: Time(std::time::Duration::from_secs(20)),
            retries: Retries(2),
            input_price: None,
            output_price: None,
        }
    }
}

/// A path below the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct RulesPath(pub String);

/// An address that a path is appended to: `https://host/v1`. Without TLS only on this machine: the key, and what
/// operators know, would cross the network in the clear.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct BaseUrl(pub String);

/// A number of attempts from 0 to 10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "i64")]
pub struct Retries(pub u32);

/// US dollars per million tokens, written as text so that its digits are kept: `"0.15"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Price(pub Dollars);

impl TryFrom<String> for RulesPath {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let is_below = !text.is_empty()
            && !text.starts_with(['/', '\\'])
            && !text.split(['/', '\\']).any(|part| part == ".." || part.is_empty() || part.contains(':'));
        if is_below { Ok(Self(text)) } else { Err(format!("`{text}` is not a path below the workspace")) }
    }
}

impl TryFrom<String> for BaseUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        // What is refused may hold a password, so it is not repeated.
        let Ok(uri) = text.parse::<Uri>() else {
            return Err("`base_url` is not an address such as `https://api.example.com/v1`".to_owned());
        };
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        if authority.contains('@') || uri.query().is_some() {
            return Err(
                "`base_url` has no user, password or query: a key is a secret, `secret` names its slot".to_owned()
            );
        }
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        let is_here = host == "localhost" || host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_loopback());
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if is_here => {}
            Some("http") => return Err(format!("`{host}` is not on this machine: `base_url` begins with `https://`")),
            _ => return Err("`base_url` begins with `https://`, or with `http://` on this machine".to_owned()),
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

impl TryFrom<i64> for Retries {
    type Error = String;

    fn try_from(number: i64) -> Result<Self, String> {
        match u32::try_from(number) {
            Ok(number @ 0..=10) => Ok(Self(number)),
            _ => Err(format!("{number} is not a number from 0 to 10")),
        }
    }
}

impl TryFrom<String> for Price {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Dollars::price(&text)
            .map(Self)
            .ok_or_else(|| format!("`{text}` is not a price in dollars per million tokens, such as `0.15`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::config::Config;

    #[test]
    fn a_key_crosses_no_network_in_the_clear_and_stands_in_no_address() {
        for good in
            ["https://api.example.com/v1", "http://127.0.0.1:11434/v1", "http://[::1]:1/v1", "http://localhost/v1/"]
        {
            let url = BaseUrl::try_from(good.to_owned()).unwrap();
            assert_eq!(url.0, good.trim_end_matches('/'));
        }
        for bad in [
            "http://api.example.com/v1",
            "http://127.0.0.1.example.com/v1",
            "http://localhost.example.com/",
            "https://me:sk-12345678@host/v1",
            "https://host/v1?key=sk-12345678",
            "ftp://host",
            "host/v1",
            "",
            "https://",
            "file:///etc/passwd",
        ] {
            let why = BaseUrl::try_from(bad.to_owned()).unwrap_err();
            assert!(!why.contains("sk-12345678"), "{bad}: {why}");
        }
    }

    #[test]
    fn a_rule_file_is_below_the_workspace() {
        assert!(RulesPath::try_from("demo/reasoning.json".to_owned()).is_ok());
        for bad in ["", "/etc/passwd", "../x", "a/../../x", "C:\\x", "a//b"] {
            assert!(RulesPath::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_the_table_may_not_say_has_its_line() {
        for wrong in [
            "kind = \"openai\"",
            "base_url = \"http://example.com\"",
            "retries = 11",
            "retries = -1",
            "timeout = \"0s\"",
            "input_price = \"-1\"",
            "input_price = 0.15",
            "output_price = \"0.0000000001\"",
            "rules = \"../x.json\"",
            "key = \"sk-1\"",
        ] {
            let fault = Config::parse(&format!("[reasoner]\n{wrong}\n")).unwrap_err();
            assert_eq!(fault.line, Some(2), "{wrong}: {fault:?}");
        }
        let fault = Config::parse("[reasoner]\nbase_ur = \"x\"\n").unwrap_err();
        assert_eq!(fault.help.as_deref(), Some("did you mean `base_url`?"));
    }
}
