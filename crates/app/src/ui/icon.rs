//! The few pictures of the frame, drawn inline so that they take the colour of the words beside them.

use askama::Template;
use askama::filters::HtmlSafe;

use crate::page::Page;

/// A picture of 16 by 16; says nothing to a screen reader, the words beside it do.
#[derive(Clone, Template)]
#[template(
    source = r#"<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false"><path d="{{ path }}"/></svg>"#,
    ext = "html"
)]
pub struct Icon {
    path: &'static str,
}

impl HtmlSafe for Icon {}

impl Page {
    /// A picture by name; an unknown name draws a dot.
    pub fn icon(&self, name: &str) -> Icon {
        let path = match name {
            "search" => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9zM10.4 10.4 14 14",
            "bell" => "M4 11V7a4 4 0 0 1 8 0v4l1.2 1.5H2.8zM6.5 14.2h3",
            "plus" => "M8 3v10M3 8h10",
            "menu" => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
            "close" => "M4 4l8 8M12 4l-8 8",
            "clock" => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.8V8l2.3 1.6",
            "file" => "M4 2h5.2L12 4.8V14H4zM9 2v3h3",
            "download" => "M8 2.5v7.5M4.8 7 8 10.2 11.2 7M3 13.5h10",
            "lock" => "M4 7.5h8V14H4zM5.5 7.5V5a2.5 2.5 0 0 1 5 0v2.5",
            "machine-locked" => {
                "M1.5 3h13v8h-13zM5.5 13.5h5M8 11v2.5M6.3 6.6h3.4V9H6.3zM6.9 6.6v-.8a1.1 1.1 0 0 1 2.2 0v.8"
            }
            "mail" => "M2 3.5h12v9H2zM2 4l6 5 6-5",
            "globe" => {
                "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM2 8h12M8 2c2 2 2.6 4 2.6 6S10 12 8 14M8 2C6 4 5.4 6 5.4 8S6 12 8 14"
            }
            "person" => "M8 2.5a2.6 2.6 0 1 0 0 5.2 2.6 2.6 0 0 0 0-5.2zM3 14c.4-3 2.2-4.4 5-4.4S12.600 11 13 14",
            "slow" => "M2 11a6 6 0 1 1 12 0M8 11 5 7.500M2 13.500h12",
            "question" => {
                "M5.500 5.800C5.500 4 6.600 3 8.100 3s2.600 1 2.600 2.400c0 2-2.600 2.200-2.600 4.300M8.100 12.700v.3"
            }
            "link" => {
                "M6.500 9.500l3-3M7.500 4.800l1-1a2.600 2.600 0 0 1 3.700 3.700l-1.500 1.500M8.500 11.200l-1 1a2.600 2.600 0 0 1-3.700-3.700l1.500-1.500"
            }
            "print" => "M4.500 6V2.500h7V6M4.500 11.500h-2v-5h11v5h-2M4.500 9.500h7v4h-7z",
            _ => "M8 7.500v1",
        };
        Icon { path }
    }
}
