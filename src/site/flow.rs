//! Mermaid diagrams as pictures, drawn when the site is made: pages need no script for them, and no
//! other host.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use merman::resources::{InputResourceLimitId, InputResourcePolicy};
use merman::{OperationControl, RenderOutput, RenderRequest, Renderer, SvgRequest};

use super::article::escaped;

/// Text instead of HTML in the boxes, fonts that every system has, and quiet colours. The style
/// sheet turns them round where the page is dark.
const STYLE: &str = r##"%%{init: {"theme": "base", "look": "classic", "htmlLabels": false,
"flowchart": {"htmlLabels": false, "wrappingWidth": 220, "padding": 12},
"themeVariables": {"fontFamily": "Helvetica, Arial, sans-serif", "fontSize": "14px",
"primaryColor": "#eef2f6", "primaryBorderColor": "#5b6b7c", "primaryTextColor": "#17202b",
"lineColor": "#5b6b7c", "edgeLabelBackground": "#ffffff"}}}%%
"##;

/// The longest diagram that is drawn. One that does not fit a screen is no picture any more, and
/// time and memory for it grow faster than its length.
const MOST_BYTES: usize = 16 * 1024;
const MOST_LINES: usize = 200;
/// The most nodes and edges, of which one line can make many.
const MOST_PARTS: usize = 500;

/// The HTML of a diagram; none where it is of a kind that cannot be drawn here, faulty, or too long.
///
/// The picture is an image by itself: browsers run no script in one, and load nothing for it,
/// whatever a diagram holds.
pub(super) fn draw(mermaid: &str) -> Option<String> {
    // `A & B --> C & D` has an edge for each pair.
    let is_long = mermaid.lines().count() > MOST_LINES || mermaid.matches('&').count() > MOST_LINES;
    if is_long || mermaid.len() > MOST_BYTES {
        return None;
    }
    let svg = svg(&format!("{}{mermaid}", STYLE.replace('\n', " ").trim_end().to_owned() + "\n"))?;
    let (width, height) = size(&svg)?;
    // An image has no page whose width it could fill.
    let svg = svg.replacen("width=\"100%\"", &format!("width=\"{width}\" height=\"{height}\""), 1);
    Some(format!(
        "<figure class=\"flow\"><img alt=\"Decision flow; it follows as text\" width=\"{width}\" \
         height=\"{height}\" src=\"data:image/svg+xml;base64,{}\"><details><summary>The flow as \
         text</summary><pre><code>{}</code></pre></details></figure>\n",
        STANDARD.encode(svg),
        escaped(mermaid)
    ))
}

fn svg(mermaid: &str) -> Option<String> {
    let request = RenderRequest::svg(mermaid, OperationControl::new(), SvgRequest::default());
    let limits = InputResourcePolicy::default();
    let limits = limits.with_limit(InputResourceLimitId::MaxModelItems, MOST_PARTS).ok()?;
    match Renderer::new().with_resource_policy(limits).render(request) {
        Ok(RenderOutput::Svg(Some(drawn))) => Some(drawn.svg().to_owned()),
        _ => None,
    }
}

/// Width and height in whole pixels.
fn size(svg: &str) -> Option<(u32, u32)> {
    let (_, rest) = svg.split_once("viewBox=\"")?;
    let (numbers, _) = rest.split_once('"')?;
    let mut numbers = numbers.split_whitespace().skip(2);
    let mut pixels = || {
        let number: f64 = numbers.next()?.parse().ok()?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        (1.0..100_000.0).contains(&number).then(|| number.ceil() as u32)
    };
    Some((pixels()?, pixels()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_drawn_the_same_each_time() {
        let mermaid = "flowchart TD\n  A{\"<b> & x?\"} -->|yes| B[\"y\"]\n";
        let drawn = draw(mermaid).unwrap();
        assert!(drawn.contains("src=\"data:image/svg+xml;base64,"), "{drawn}");
        assert!(drawn.contains("A{&quot;&lt;b&gt; &amp; x?&quot;}"), "{drawn}");
        assert_eq!(draw(mermaid).unwrap(), drawn);
    }

    #[test]
    fn a_long_diagram_is_left_to_be_shown_as_text() {
        let flow = |lines: &[String]| format!("flowchart TD\n{}", lines.concat());
        let line = |number: usize| format!("  A{number} --> A{}\n", number / 2);
        let lines: Vec<String> = (1..=MOST_LINES).map(line).collect();
        assert!(draw(&flow(&lines[1..])).is_some());
        assert_eq!(draw(&flow(&lines)), None);
        let wide = format!("  A[\"{}\"]\n", "word ".repeat(MOST_BYTES / 5));
        assert_eq!(draw(&flow(&[wide])), None);
        let nodes =
            |name: &str| (0..25).map(|n| format!("{name}{n}")).collect::<Vec<_>>().join(" & ");
        assert_eq!(draw(&flow(&[format!("  {} --> {}\n", nodes("A"), nodes("B"))])), None);
        let pairs = vec!["A"; 2000].join("&");
        assert_eq!(draw(&flow(&[format!("  {pairs} --> {pairs}\n")])), None);
    }

    #[test]
    fn what_cannot_be_drawn_is_left_to_be_shown_as_text() {
        assert_eq!(draw("flowchart TD\n  A --> \n ]["), None);
        assert_eq!(draw("no diagram"), None);
    }
}
