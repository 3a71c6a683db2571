//! Markdown as HTML that is safe to show: text and structure, links of the web, and nothing that loads or runs.

use std::collections::HashSet;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Options, Parser, html};
use serde::Serialize;
use ts_rs::TS;

/// A text as HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Rendered {
    /// The HTML, fit to be put into a page.
    pub html: String,
}

/// Renders a statement, a hint or any other Markdown.
pub fn render_markdown(text: &str) -> Rendered {
    let extensions = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut unsafe_html = String::with_capacity(text.len() * 3 / 2);
    html::push_html(&mut unsafe_html, Parser::new_ext(text, extensions));
    Rendered {
        html: cleaner().clean(&unsafe_html).to_string(),
    }
}

/// Authors write HTML into Markdown, too: what is harmless of it stays.
fn cleaner() -> Builder<'static> {
    let mut cleaner = Builder::default();
    cleaner
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer"))
        .rm_tags(["img", "map", "area"])
        .rm_generic_attributes(["lang", "title"])
        .add_tags(["input"])
        .add_tag_attributes("input", ["checked"])
        // The boxes of task lists, whatever was written: nothing can be typed or pressed.
        .set_tag_attribute_value("input", "type", "checkbox")
        .set_tag_attribute_value("input", "disabled", "");
    cleaner
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        render_markdown(text).html
    }

    #[test]
    fn what_statements_hold_is_rendered() {
        let cases = [
            ("# Title", "<h1>Title</h1>\n"),
            (
                "a **b** ~~c~~ `d`",
                "<p>a <strong>b</strong> <del>c</del> <code>d</code></p>\n",
            ),
            ("```bash\nls <x>\n```", "<pre><code>ls &lt;x&gt;\n</code></pre>\n"),
            ("press <kbd>q</kbd>", "<p>press <kbd>q</kbd></p>\n"),
            (
                "[docs](https://kubernetes.io/docs)",
                "<p><a href=\"https://kubernetes.io/docs\" rel=\"noopener noreferrer\">docs</a></p>\n",
            ),
            (
                "<me@example.org>",
                "<p><a href=\"mailto:me@example.org\" rel=\"noopener noreferrer\">me@example.org</a></p>\n",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(html(text), expected, "{text}");
        }
        let tasks = html("- [x] done\n- [ ] open\n");
        let boxes = [
            ("<input", 2),
            (" disabled=\"\"", 2),
            (" type=\"checkbox\"", 2),
            (" checked=\"\"", 1),
        ];
        for (part, times) in boxes {
            assert_eq!(tasks.matches(part).count(), times, "{part} {tasks}");
        }
        let table = html("| a | b |\n|---|--:|\n| 1 | 2 |\n");
        assert!(
            table.contains("<th>a</th>") && table.contains("<td>2</td>"),
            "{table}"
        );
    }

    const HOSTILE: &[&str] = &[
        "<script>alert(1)</script>",
        "<style>body{background:url(http://evil/x)}</style>",
        "![x](http://evil/x.png)",
        "![x](data:image/svg+xml;base64,AAAA)",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](java\tscript:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "<javascript:alert(1)>",
        "[x](data:text/html,<script>alert(1)</script>)",
        "[x](file:///etc/passwd)",
        "[x](//evil/path)",
        "[x](../../settings)",
        "[x](vbscript:x)",
        "<a href=\"javascript&colon;alert(1)\">x</a>",
        "<a href=https://ok onclick=alert(1)>x</a>",
        "<iframe src=http://evil></iframe>",
        "<object data=x></object><embed src=x>",
        "<form action=http://evil><input type=password name=p><button>go</button></form>",
        "<input type=text autofocus onfocus=alert(1)>",
        "<svg onload=alert(1)><a xlink:href=javascript:alert(1)>x</a></svg>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
        "<div style=\"position:fixed;background:url(x)\">x</div>",
        "<base href=http://evil>",
        "<meta http-equiv=refresh content='0;url=http://evil'>",
        "<link rel=stylesheet href=http://evil>",
        "<video src=http://evil poster=http://evil></video>",
        "<a href=https://ok target=_top id=x class=y>x</a>",
        "<blockquote cite=http://evil>x</blockquote><p>`<script>`",
        "```\"><script>alert(1)</script>\nx\n```",
    ];

    /// Of attributes and elements; text may say anything.
    const BANNED: &[&str] = &[
        "<script",
        "<style",
        "<img",
        "<iframe",
        "<object",
        "<embed",
        "<form",
        "<button",
        "<svg",
        "<math",
        "<base",
        "<meta",
        "<link",
        "<video",
        " src=",
        " style=",
        " onclick",
        " onerror",
        " onload",
        " onfocus",
        " autofocus",
        " target=",
        " id=",
        " class=",
        "href=\"j",
        "href=\"data",
        "href=\"file",
        "href=\"/",
        "href=\".",
        "href=\"v",
        "type=\"password\"",
        "type=\"text\"",
    ];

    #[test]
    fn nothing_loads_and_nothing_runs() {
        for text in HOSTILE {
            let html = html(text).to_lowercase();
            for word in BANNED {
                assert!(!html.contains(word), "{text}\n{html}");
            }
        }
    }

    #[test]
    fn deep_and_long_texts_are_no_trouble() {
        let started = std::time::Instant::now();
        for text in [
            "> ".repeat(5_000),
            "[".repeat(20_000),
            "<div>".repeat(5_000),
            "* a\n".repeat(20_000),
            "|a".repeat(20_000),
        ] {
            let _ = html(&text);
        }
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}
