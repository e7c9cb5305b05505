//! What has to hold whatever the input: the laws that the fuzz targets assert.

pub mod code;
pub mod findings;
pub mod pages;

/// The parts of an input that holds several texts, cut at ASCII's record separator. Bytes that are
/// no UTF-8 become the character that stands for them, as in a page that is read.
pub fn parts<const N: usize>(input: &[u8]) -> [String; N] {
    let text = String::from_utf8_lossy(input);
    let mut parts = text.splitn(N, '\u{1e}');
    std::array::from_fn(|_| parts.next().unwrap_or_default().to_owned())
}
