//! The body of an answer: its type, its length, its encoding.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName};

use super::fault::Fault;
use crate::source::{MAX_ALL_PAGES, MAX_PAGE, PageFormat};

const CONTENT_TYPES: [&str; 4] =
    ["text/html", "application/xhtml+xml", "text/markdown", "text/plain"];

/// Reads a page's body and gives it decompressed. `received` is told the length of each piece as
/// it came over the network, and says whether there may be more.
pub(super) async fn read(
    mut response: Response,
    format: PageFormat,
    received: impl Fn(usize) -> bool,
) -> Result<Vec<u8>, Fault> {
    check_content_type(response.headers())?;
    let gzip = is_gzip(response.headers())?;
    if response.content_length().is_some_and(|length| length > MAX_PAGE as u64) {
        return Err(too_long());
    }
    let mut raw = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(|error| Fault::of(&error))? {
        if !received(piece.len()) {
            return Err(all_too_long());
        }
        raw.extend_from_slice(&piece);
        if raw.len() > MAX_PAGE {
            return Err(too_long());
        }
    }
    let body = if gzip { decompress(&raw)? } else { raw };
    check_content(&body, format)?;
    Ok(body)
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Fault> {
    let stated = text(headers, &CONTENT_TYPE);
    let kind = stated.split(';').next().unwrap_or_default().trim();
    if kind.is_empty() || CONTENT_TYPES.iter().any(|known| known.eq_ignore_ascii_case(kind)) {
        return Ok(());
    }
    Err(Fault::Final(format!("it is {kind}, which is no page")))
}

fn is_gzip(headers: &HeaderMap) -> Result<bool, Fault> {
    match text(headers, &CONTENT_ENCODING).to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(false),
        "gzip" | "x-gzip" => Ok(true),
        other => Err(Fault::Final(format!("it is encoded as {other}, which was not asked for"))),
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> &'h str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim()
}

fn decompress(raw: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    let limit = MAX_PAGE as u64 + 1;
    match MultiGzDecoder::new(raw).take(limit).read_to_end(&mut body) {
        Ok(_) if body.len() > MAX_PAGE => Err(too_long()),
        Ok(_) => Ok(body),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            Err(Fault::cut_short("its compressed text ends in the middle"))
        }
        Err(error) => Err(Fault::cut_short(format!("its compressed text is damaged: {error}"))),
    }
}

fn check_content(body: &[u8], format: PageFormat) -> Result<(), Fault> {
    let text = body.trim_ascii_start();
    if text.is_empty() {
        return Err(Fault::Final("it is empty".to_owned()));
    }
    let starts_with = |tag: &str| {
        text.get(..tag.len()).is_some_and(|start| start.eq_ignore_ascii_case(tag.as_bytes()))
    };
    if format == PageFormat::Markdown && (starts_with("<!doctype") || starts_with("<html")) {
        return Err(Fault::Final("it is HTML, and Markdown was asked for".to_owned()));
    }
    Ok(())
}

fn too_long() -> Fault {
    Fault::Final(format!("it is longer than {} MiB", MAX_PAGE >> 20))
}

pub(super) fn all_too_long() -> Fault {
    let limit = MAX_ALL_PAGES >> 20;
    Fault::Final(format!("all pages together are longer than {limit} MiB"))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_page_of_exactly_the_limit_is_read_and_one_byte_more_is_not() {
        let whole = gzip(&vec![b'x'; MAX_PAGE]);
        assert_eq!(decompress(&whole).unwrap().len(), MAX_PAGE);
        let more = gzip(&vec![b'x'; MAX_PAGE + 1]);
        assert!(
            matches!(decompress(&more), Err(Fault::Final(reason)) if reason.contains("16 MiB"))
        );
    }

    #[test]
    fn a_cut_or_damaged_stream_is_worth_another_attempt() {
        let whole = gzip(b"<html>text</html>");
        for broken in [&whole[..whole.len() - 9], b"no gzip at all"] {
            assert!(matches!(decompress(broken), Err(Fault::Connection(_))));
        }
    }

    #[test]
    fn only_types_that_hold_a_page_are_read() {
        let checked = |kind: &str| {
            let headers = HeaderMap::from_iter([(CONTENT_TYPE, kind.parse().unwrap())]);
            check_content_type(&headers).is_ok()
        };
        assert!(checked("text/html; charset=utf-8") && checked("Text/Markdown") && checked(""));
        assert!(check_content_type(&HeaderMap::new()).is_ok());
        assert!(!checked("application/json") && !checked("image/png"));
    }

    #[test]
    fn an_empty_page_and_html_in_place_of_markdown_are_no_page() {
        assert!(check_content(b" \r\n\t", PageFormat::Html).is_err());
        assert!(check_content(b"\n<!DOCTYPE html><p>no such page", PageFormat::Markdown).is_err());
        assert!(check_content(b"\n<!DOCTYPE html><p>page", PageFormat::Html).is_ok());
        assert!(check_content(b"# Heading", PageFormat::Markdown).is_ok());
    }
}
