//! Links back to the same page with one thing changed: a filter set, a sort turned, the next fifty rows.

use url::form_urlencoded::{Serializer, parse};

use crate::page::Page;

/// Where a list stands; dropped whenever what is listed changes.
const PLACE: [&str; 2] = ["after", "before"];

impl Page {
    /// The value of a query parameter of this page.
    pub fn query(&self, name: &str) -> Option<String> {
        pairs(&self.path).into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// This page with one query parameter set; an empty value takes it away.
    pub fn with(&self, name: &str, value: impl std::fmt::Display) -> String {
        with(&self.path, name, &value.to_string())
    }

    /// This page with one query parameter taken away.
    pub fn without(&self, name: &str) -> String {
        with(&self.path, name, "")
    }

    /// The path of this page without its query.
    pub fn bare_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

/// The same path with one query parameter changed. Unless it is the place itself, the list starts again from the top.
pub fn with(path: &str, name: &str, value: &str) -> String {
    let bare = path.split('?').next().unwrap_or_default();
    let mut query = Serializer::new(String::new());
    let mut kept = 0;
    for (key, old) in pairs(path) {
        if key != name && !PLACE.contains(&key.as_str()) {
            query.append_pair(&key, &old);
            kept += 1;
        }
    }
    if !value.is_empty() {
        query.append_pair(name, value);
        kept += 1;
    }
    if kept == 0 { bare.to_owned() } else { format!("{bare}?{}", query.finish()) }
}

fn pairs(path: &str) -> Vec<(String, String)> {
    let query = path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    parse(query.as_bytes()).into_owned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changing_a_filter_keeps_the_others_and_starts_from_the_top() {
        let path = "/alerts?state=new&unit=Ba+Sao&after=99";
        assert_eq!(with(path, "state", "taken"), "/alerts?unit=Ba+Sao&state=taken");
        assert_eq!(with(path, "after", "150"), "/alerts?state=new&unit=Ba+Sao&after=150");
        assert_eq!(with("/alerts?state=new", "state", ""), "/alerts");
    }
}
