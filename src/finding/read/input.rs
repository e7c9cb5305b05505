//! What comes before JSON: compression, and marks of an encoding.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};

use flate2::bufread::MultiGzDecoder;

const GZIP: [u8; 2] = [0x1f, 0x8b];
pub(super) const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// Decompressed text is handed on in pieces of this size.
const PIECE: usize = 128 * 1024;

/// An input whose first bytes have been looked at.
type Begun<R> = Chain<Cursor<Vec<u8>>, R>;

/// An input, decompressed where it is gzip (of several members, too), without a byte-order mark.
pub(crate) enum Input<R> {
    /// Not looked at yet.
    Fresh(Option<R>),
    Plain(Begun<R>),
    Gzip(Box<Begun<BufReader<MultiGzDecoder<Begun<R>>>>>),
}

impl<R> std::fmt::Debug for Input<R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Fresh(_) => "Fresh",
            Self::Plain(_) => "Plain",
            Self::Gzip(_) => "Gzip",
        })
    }
}

impl<R: BufRead> Input<R> {
    /// Nothing is read before it is asked for.
    pub(super) fn new(input: R) -> Self {
        Self::Fresh(Some(input))
    }

    fn begin(&mut self) -> io::Result<()> {
        let Self::Fresh(input) = self else { return Ok(()) };
        // An input that fails at once is at its end from then on.
        let Some(input) = input.take() else { return Ok(()) };
        let input = begin(input)?;
        *self = if input.get_ref().0.get_ref().starts_with(&GZIP) {
            let unpacked = BufReader::with_capacity(PIECE, MultiGzDecoder::new(input));
            Self::Gzip(Box::new(begin(unpacked)?))
        } else {
            Self::Plain(input)
        };
        Ok(())
    }
}

/// Looks at the first bytes, and puts them back, but for a byte-order mark.
fn begin<R: BufRead>(mut input: R) -> io::Result<Begun<R>> {
    let mut head = Vec::with_capacity(BYTE_ORDER_MARK.len());
    input.by_ref().take(BYTE_ORDER_MARK.len() as u64).read_to_end(&mut head)?;
    if head == BYTE_ORDER_MARK {
        head.clear();
    }
    Ok(Cursor::new(head).chain(input))
}

impl<R: BufRead> Read for Input<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.begin()?;
        match self {
            Self::Fresh(_) => Ok(0),
            Self::Plain(input) => input.read(into),
            Self::Gzip(input) => input.read(into),
        }
    }
}

impl<R: BufRead> BufRead for Input<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.begin()?;
        match self {
            Self::Fresh(_) => Ok(&[]),
            Self::Plain(input) => input.fill_buf(),
            Self::Gzip(input) => input.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Self::Fresh(_) => {}
            Self::Plain(input) => input.consume(amount),
            Self::Gzip(input) => input.consume(amount),
        }
    }
}
